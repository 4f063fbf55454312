#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Files and directories that may not be read or written, as a user without privileges.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

if [ "$(id -u)" -eq 0 ]; then
  # Root may read everything: the same again as nobody.
  need_program setpriv
  cp "$MODPROOF" "$scratch/modproof" 2>/dev/null
  chmod 755 "$scratch/modproof"
  mkdir "$scratch/tmp"
  chmod 777 "$scratch/tmp"
  cp -r "$here" "$scratch/cli"
  chmod -R a+rX "$scratch/cli"
  nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  # Root of a user namespace may have no such user, and nobody may be kept out of the directory above.
  "${nobody[@]}" test -x "$scratch/modproof" 2>"$scratch/out/nobody" ||
    machine_cannot "run the tool as nobody in $temporary: $(cat "$scratch/out/nobody")"
  "${nobody[@]}" env MODPROOF="$scratch/modproof" TMPDIR="$scratch/tmp" HOME=/ bash "$scratch/cli/${0##*/}"
  exit
fi

make_modules d a b c
make_vmlinux vmlinux
modproof tree d -q
root=$(root_of modules.merkle)

chmod 000 d/b.ko
note_state
run tree d -o new --no-cache
expect 2 '' 'modproof: d/b.ko: cannot open: Permission denied'
run seal d -o new
expect 2 '' 'modproof: d/b.ko: cannot open: Permission denied'
expect_nothing_changed
run attach d
expect_status 2
expect_stderr 'modproof: d/b.ko: cannot open: Permission denied'
expect_stdout '3 modules: 2 attached, 1 failed'
run verify d -r "$root"
expect_status 2
expect_stdout "3 modules: 2 accepted, 0 refused, 1 not checked (root $root of the command line)"
chmod 644 d/b.ko

# A directory that may not be read, below the one that is named: the message names it.
make_module d/sub/x.ko
chmod 000 d/sub
for command in "tree -o new" "verify -r $root" detach "seal -o new" attach; do
  # shellcheck disable=SC2086  # words
  run $command d
  expect_status 2
  expect_match stderr '^modproof: d/sub: cannot read the directory: Permission denied$'
done
chmod 755 d/sub
rm -r d/sub

# A directory that may not be written to: nothing happens, and each module is named.
modproof detach d -q
chmod 555 d
note_state
run attach d
expect_status 2
expect_stderr 'modproof: d/a.ko: cannot create a new file beside it: Permission denied
modproof: d/b.ko: cannot create a new file beside it: Permission denied
modproof: d/c.ko: cannot create a new file beside it: Permission denied'
expect_nothing_changed
run seal d
expect_status 2
expect_nothing_changed
chmod 755 d

# A module that may be read but not written is replaced all the same: that is the directory's business.
chmod 444 d/a.ko
run attach d -q
expect 0 '' ''
[ "$(stat -c %a d/a.ko)" = 444 ] || fail "mode"

chmod 444 vmlinux
note_state
run patch vmlinux
expect 2 '' 'modproof: vmlinux: cannot open: Permission denied'
expect_nothing_changed
chmod 000 vmlinux modules.merkle
run patch vmlinux -r "$root"
expect_status 2
run verify d -t modules.merkle
expect 2 '' 'modproof: modules.merkle: cannot open: Permission denied'
