#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A replaced module keeps mode, owner, times and extended attributes.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a
modproof tree d -q
chmod 4640 d/a.ko
# Root of a user namespace may have nobody else to give it to.
if [ "$(id -u)" -eq 0 ]; then
  chown 1234:4321 d/a.ko 2>/dev/null || echo "note: files cannot be given away here"
  chmod 4640 d/a.ko
fi
touch -d '2001-02-03 04:05:06.123456789' d/a.ko
attributes=
if command -v setfattr >/dev/null && setfattr -n user.note -v kept d/a.ko 2>/dev/null; then
  setfattr -n user.empty d/a.ko
  attributes=yes
fi
describe() {
  stat -c '%a %u:%g %Y %y' d/a.ko
  [ -z "$attributes" ] || getfattr -d -m - d/a.ko
}
before=$(describe)

for command in "attach" "detach" "seal -o tree2" "detach"; do
  # shellcheck disable=SC2086  # words
  run $command d
  expect_status 0
  [ "$(describe)" = "$before" ] || fail "after $command: $(describe), before: $before"
done
[ -n "$attributes" ] || echo "note: this file system has no extended attributes"
