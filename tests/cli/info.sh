#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# info shows what a file is and holds, by its contents and not by its name.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a b c
modproof seal d -q
root=$(root_of d/modules.merkle)
make_vmlinux vmlinux
modproof patch vmlinux -q -t d/modules.merkle
cp d/b.ko without-suffix
leaf=$( (printf '\1\0\0\0\1' && head -c 76 d/b.ko) | sha256sum | cut -d' ' -f1)

run info d/b.ko
expect 0 "filename:     d/b.ko
type:         module
name:         b
machine:      x86_64
size:         184
payload:      76
debug:        none
sig_id:       Merkle
position:     1
levels:       2
leaf:         $leaf
root:         $root" ''
run info d/modules.merkle vmlinux
expect 0 "filename:     d/modules.merkle
type:         tree
version:      1
variants:     linked
modules:      3
leaves:       3
levels:       2
root:         $root

filename:     vmlinux
type:         kernel
format:       ELF vmlinux, 64 bit
machine:      x86_64
byte_order:   little
levels:       2
root:         $root
root_offset:  1024" ''
run info without-suffix
expect_status 0
expect_match stdout '^type: +module$'
run info -v d/b.ko
expect_status 0
expect_match stdout '^siblings: +0 [0-9a-f]{64}$'
expect_match stdout '^ +1 [0-9a-f]{64}$'

make_vmlinux without --count 0
run info without
expect_status 0
expect_match stdout '^root: +none: this kernel has no module hashes$'

# Files that are nothing that it knows do not hide the others.
echo text >text
: >empty
run info text d/a.ko empty missing d
expect_status 2
expect_stderr 'modproof: text: offset 0: neither a module, nor a kernel, nor an initramfs, nor a package, nor a tree file
modproof: empty: offset 0: the file is empty
modproof: missing: cannot open: No such file or directory
modproof: d: is a directory, not a regular file'
expect_match stdout '^filename: +d/a\.ko$'
