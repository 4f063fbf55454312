#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A tree file, a manifest or a page that is written again keeps owner, mode and extended attributes of
# the file that stands there; a new one has the mode that the umask gives. An owner that cannot be kept
# is no reason to fail, but takes the set-ID bits with it.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a b
write() { # COMMAND FILE
  case $1 in
    tree) run tree d -o "$2" -q ;;
    manifest) run manifest d -o "$2" -q ;;
    diff) run diff d d -q --html "$2" ;;
  esac
  expect 0 '' ''
}

for command in tree manifest diff; do
  (umask 027 && write $command new.$command)
  [ "$(stat -c %a new.$command)" = 640 ] || fail "$command: mode of a new file"
  echo old >"$command"
  chmod 600 "$command"
  owner=$(id -u):$(id -g)
  if [ "$(id -u)" -eq 0 ]; then
    owner=1234:4321
    chown $owner "$command"
  fi
  attributes=
  if command -v setfattr >/dev/null && setfattr -n user.note -v kept "$command" 2>/dev/null; then
    attributes=yes
  fi
  write $command "$command"
  cmp -s new.$command "$command" || fail "$command: not written"
  [ "$(stat -c '%a %u:%g' "$command")" = "600 $owner" ] || fail "$command: mode or owner"
  [ -z "$attributes" ] || [ "$(getfattr --only-values -n user.note "$command")" = kept ] ||
    fail "$command: attributes"
done
expect_no_temporary_files .

need_root 'a file of another user'
need_program setpriv
cp "$MODPROOF" tool
mkdir open
chmod 777 open
echo old >open/tree
chmod 6664 open/tree
run_program setpriv --reuid=65534 --regid=65534 --clear-groups ./tool tree d -q --no-cache -o open/tree
expect 0 '' ''
# The group would be another one, so it may do no more than everybody.
[ "$(stat -c '%a %u' open/tree)" = '644 65534' ] || fail "$(stat -c '%a %u' open/tree)"
