#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# diff: the verdict on two builds, and which modules are added, gone, renamed, moved and different,
# whatever the builds are: directories, build trees, tree files, kernels.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules a one two three four five
modproof tree a -q -o a.merkle --no-cache
root=$(root_of a.merkle)

# The same: a copy, the same with proofs, the tree file of either, in either order.
cp -r a copy
modproof seal copy -q
for other in copy copy/modules.merkle a.merkle a; do
  run diff a "$other"
  expect 0 "same root: $root
5 modules in A, 5 in B: 5 same, 0 different" ''
  run diff "$other" a -q
  expect 0 '' ''
done

# A build tree: modules.order names objects, and what else lies there is not part of the build.
cp -r a tree
printf '%s\n' five.o four.o one.o three.o two.o >tree/modules.order
make_module tree/stray.ko
run diff a tree
expect_status 0

# One module of each kind.
cp -r a b
rm b/two.ko
make_module b/six.ko
mv b/three.ko b/drei.ko
flip b/four.ko 70
run diff a b --json
expect_status 1
expect_json .same false .same_root false .counts.same 3 .counts.different 1 .counts.added 1 \
  .counts.gone 1 .counts.renamed 1 .counts.not_compared 0 \
  .added[0].name six .gone[0].name two
run diff a b
expect_status 1
expect_match stdout "^different roots: $root in A, sha256:3:[0-9a-f]{64} in B\$"
expect_match stdout '^5 modules in A, 5 in B: 3 same, 1 different, 1 added, 1 gone, 1 renamed$'
expect_match stdout '^added: six$'
expect_match stdout '^gone: two$'
expect_match stdout '^renamed: three to drei$'
expect_match stdout '^four: different$'
expect_match stdout '^  first difference at offset 70 of the file$'
# The same against the tree file, which knows leaves but no bytes.
run diff a.merkle b
expect_status 1
expect_match stdout '^four: different$'
expect_match stdout '^renamed: three to drei$'
expect_match stdout '^a tree file holds no bytes'

# The order is part of the build; one module in front moves no other.
cp -r a order
printf '%s.ko\n' two five four one three >order/modules.order
cp -r a sorted
printf '%s.ko\n' five four one three two >sorted/modules.order
run diff sorted order
expect_status 1
expect_match stdout '^5 modules in A, 5 in B: 5 same, 0 different, 1 moved$'
expect_match stdout '^moved: two from position 4 to 0$'
make_module order/zero.ko
printf '%s.ko\n' zero five four one three two >order/modules.order
run diff sorted order
expect_match stdout '^5 modules in A, 6 in B: 5 same, 0 different, 1 added$'

# To the kernel - and _ are the same, so this is one module with another name of its file.
mkdir dash underscore
make_module dash/a-b.ko text
make_module underscore/a_b.ko text
run diff dash underscore
expect_status 1
expect_match stdout '^renamed: a-b to a_b$'

# A tree with two variants, and the modules as they were installed.
need_program as
for name in x y z; do
  make_debug_module debug/$name.ko
done
modproof tree debug -q --variant strip -o two.merkle --no-cache
cp -r debug stripped
strip --strip-debug stripped/*.ko
for other in debug stripped; do
  run diff two.merkle $other
  expect 0 "same root: $(root_of two.merkle)
3 modules in A, 3 in B: 3 same, 0 different" ''
done

# Kernels: with modules, only their roots can be compared.
make_vmlinux vmlinux
run diff vmlinux vmlinux
expect 0 "same root: sha256:0:$(printf '0%.0s' {1..64})
vmlinux: same" ''
cp vmlinux patched
modproof patch patched -q -r "$root"
run diff patched a
expect_status 0
expect_match stdout "^same root: $root\$"
run diff vmlinux a.merkle
expect_status 1
run diff vmlinux patched
expect_status 1
expect_match stdout '^  \.module_hashes +36 bytes, first difference at 0x0$'
expect_match stdout '^likely cause: root, vmlinux; '

# The number of threads changes nothing.
run diff a b -j1
cp "$scratch/out/stdout" one
run diff a b -j7
expect_same_bytes one "$scratch/out/stdout"

# What cannot be compared.
mkdir empty
run diff a empty
expect 2 '' 'modproof: empty: neither modules nor a vmlinux nor packages in this directory'
run diff a/one.ko vmlinux
expect 2 '' 'modproof: a/one.ko and vmlinux have nothing that can be compared'
run diff a missing
expect_status 2
cp -r a damaged
: >damaged/two.ko
run diff a damaged
expect_status 2
expect_stderr 'modproof: damaged/two.ko: offset 0: the file is empty, not a module'
expect_match stdout '^5 modules in A, 5 in B: 4 same, 0 different, 1 not compared$'
