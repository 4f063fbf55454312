#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# attach leaves alone what the tree does not know, says so, and does the rest: exit status 1.
# shellcheck disable=SC2016  # messages with backquotes
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a b c
modproof tree d -q
root=$(root_of modules.merkle)
make_module d/foreign.ko
flip d/b.ko 70
cp d/b.ko changed.ko
cp d/foreign.ko foreign.ko

run attach d
expect 1 'd/b.ko: payload-unknown: the payload is no form of this module that the tree knows; see `modproof explain`
d/foreign.ko: not-in-tree: the tree has no module of this name
4 modules: 2 attached, 1 not-in-tree, 1 payload-unknown' ''
expect_same_bytes changed.ko d/b.ko
expect_same_bytes foreign.ko d/foreign.ko
run verify d/a.ko d/c.ko -r "$root" -q
expect 0 '' ''
run attach d --json
expect_status 1
expect_json .status refused .counts.unchanged 2 .modules[1].change payload-unknown \
  .modules[3].change not-in-tree

# Files that cannot be read as modules at all: exit status 2, and the rest is done all the same.
modproof detach d/a.ko -q
printf '\037\213\010 compressed' >d/c.ko
run attach d
expect_status 2
expect_match stderr '^modproof: d/c\.ko: offset [0-9]+: cannot decompress \(gzip\): '
expect_match stdout '^4 modules: 1 attached, 1 not-in-tree, 1 payload-unknown, 1 failed$'
# No tree file.
note_state
run attach d -t missing
expect 2 '' 'modproof: missing: cannot open: No such file or directory'
expect_nothing_changed

# What is only read, and what to do instead.
mkdir -p root/lib/modules/6.1.0-test/kernel
cp d/a.ko root/lib/modules/6.1.0-test/kernel
/usr/bin/python3 -B "$here/make_package.py" package.deb deb root
/usr/bin/python3 -B "$here/make_initramfs.py" initrd.img cpio:d
note_state
for command in attach detach seal; do
  run $command package.deb
  expect 2 '' 'modproof: package.deb: a package, which is only read; unpack it, and name its directory of modules'
  run $command initrd.img
  expect 2 '' 'modproof: initrd.img: an initramfs, of which this command changes nothing; `modproof verify FILE --fix --tree TREE -o NEW` writes one whose modules carry their proofs'
done
expect_nothing_changed
