#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# attach appends the proof and nothing else, detach gives back the same bytes; each of them done
# twice changes nothing the second time, not even a time stamp.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a b c
cp -r d original
modproof tree d -q
root=$(root_of modules.merkle)

run attach d
expect 0 '3 modules: 3 attached' ''
for name in a b c; do
  size=$(stat -c %s original/$name.ko)
  cmp -n "$size" original/$name.ko d/$name.ko || fail "the payload of $name changed"
  # 2 levels: 4 + 2 * 32 bytes of proof, 12 of descriptor, 28 of marker (docs/format.md, section 4)
  [ "$(stat -c %s d/$name.ko)" -eq $((size + 108)) ] || fail "size of $name"
done
expect_no_temporary_files .
note_state
run attach d
expect 0 '3 modules: 3 unchanged' ''
expect_nothing_changed
run attach d --json
expect_status 0
expect_json .counts.unchanged 3 .modules[2].position 2 .modules[2].variant linked

run detach d
expect 0 '3 modules: 3 detached' ''
for name in a b c; do
  expect_same_bytes original/$name.ko d/$name.ko
done
note_state
run detach d
expect 0 '3 modules: 3 unchanged' ''
expect_nothing_changed

# One by one, by name: the tree knows them wherever they are, and takes - for _.
mkdir elsewhere
make_module elsewhere/d-e.ko
modproof tree elsewhere -o other -q
mv elsewhere/d-e.ko elsewhere/d_e.ko
run attach elsewhere/d_e.ko -t other
expect 0 '1 module: 1 attached' ''
run attach d/b.ko
expect 0 '1 module: 1 attached' ''
run verify d/b.ko -r "$root" -q
expect 0 '' ''
