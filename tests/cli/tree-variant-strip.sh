#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# --variant strip adds a leaf for the form that installers leave; attach then recognises either form.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_program as
need_program strip

for name in a b; do
  make_debug_module build/$name.ko
done
printf 'a.o\nb.o\n' >build/modules.order

run tree build/modules.order --variant strip
root=$(root_of modules.merkle)
expect 0 "modules.merkle: 2 modules, 4 leaves, root $root" ''
run info modules.merkle
expect_match stdout '^variants: *linked, strip-debug$'
# The name that info has for it serves as well.
run tree build/modules.order --variant strip-debug -o same
expect_status 0
expect_same_bytes modules.merkle same

# One installed as linked, one stripped.
cp -r build installed
strip --strip-debug installed/b.ko
cp installed/b.ko stripped.ko
run attach installed -v
expect 0 'installed/a.ko: attached
installed/b.ko: attached
2 modules: 2 attached' ''
run info --json installed/a.ko installed/b.ko
expect_json .files[0].position 0 .files[1].position 3
run verify installed -r "$root" -v
expect_status 0
# strip drops the trailer again; the proof of that form is what attach then appends.
strip --strip-debug installed/a.ko
run attach installed
expect 0 '2 modules: 1 attached, 1 unchanged' ''
run info --json installed/a.ko
expect_json .files[0].position 1
run verify installed -r "$root"
expect 0 "2 modules: 2 accepted, 0 refused (root $root of the command line)" ''
run detach installed -q
expect_same_bytes installed/b.ko stripped.ko

# The program: --strip-program before $STRIP before strip; it may have arguments.
export STRIP=$PWD/nowhere/strip
run tree build/modules.order --variant strip -o other --no-cache
expect_status 2
expect_stderr "modproof: build/a.ko: $STRIP: No such file or directory"
run tree build/modules.order --variant strip --strip-program strip -o other --no-cache
expect_status 0
expect_same_bytes modules.merkle other
STRIP='env A=B strip' run tree build/modules.order --variant strip -o other --no-cache
expect_status 0
expect_same_bytes modules.merkle other
# A program that fails: its message is part of ours, and no tree file is written.
rm -f other*
run tree build/modules.order --variant strip --strip-program 'ls --nonsense' -o other
expect_status 2
expect_match stderr '^modproof: build/a\.ko: ls: exit status 2: ls: unrecognized option'
[ ! -e other ] || fail "a tree file was written"
# Modules themselves are never stripped.
unset STRIP
note_state
run tree build/modules.order --variant strip --no-cache
expect_nothing_changed
[ -z "$(find /tmp -maxdepth 1 -name 'modproof-??????' -newer modules.merkle -user "$(id -u)")" ] ||
  echo "note: another modproof leaves temporary directories"
