#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# diff of kernel images: what is inside is compared, then the image around it, then its signature.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

wrap() {
  /usr/bin/python3 -B "$here/make_image.py" "$@"
}

make_vmlinux vmlinux
cp vmlinux other
modproof patch other -q -r "sha256:2:$(printf '1%.0s' {1..64})"
zero=sha256:0:$(printf '0%.0s' {1..64})

# The kernel inside.
wrap vmlinux a zstd size bzimage
wrap other b zstd size bzimage
run diff a a
expect 0 "same root: $zero
vmlinux: same" ''
run diff a b
expect_status 1
expect_match stdout '^vmlinux: different$'
expect_match stdout '^  \.module_hashes +36 bytes, first difference at 0x0$'
expect_match stdout '^likely cause: root, vmlinux; '

# The same kernel in another compression, and another byte around it.
wrap vmlinux xz xz size bzimage
run diff a xz
expect_status 1
expect_match stdout "^same root: $zero\$"
expect_match stdout '^vmlinux: different, only in the image around the kernel$'
expect_match stdout '^  the same kernel is wrapped in bzImage 2\.15, zstd in A, in bzImage 2\.15, xz in B$'
run diff vmlinux a
expect_status 1
expect_match stdout '^  the same kernel is wrapped in nothing in A, in bzImage 2\.15, zstd in B$'
wrap a flipped flip:1000
run diff a flipped
expect_status 1
expect_match stdout '^vmlinux: different, only in the image around the kernel$'
expect_match stdout '^  first difference at offset 1000 of the file$'
run diff --ignore-signatures a flipped
expect_status 1

# A signature for Secure Boot, on one side or on both.
wrap vmlinux unsigned zstd size bzimage uki:0
wrap vmlinux signed zstd size bzimage uki:1472
wrap vmlinux signed-again zstd size bzimage uki:1496
for pair in 'unsigned signed' 'signed unsigned' 'signed signed-again'; do
  read -ra names <<<"$pair"
  run diff "${names[@]}"
  expect_status 1
  expect_match stdout '^vmlinux: different, only in the signature of the image$'
  expect_match stdout '^  cause: signature: the same but for the certificates of Secure Boot: (none|14.. bytes) in A, '
  run diff --ignore-signatures "${names[@]}"
  expect 0 "same root: $zero
vmlinux: the same but for signatures" ''
done
run diff --ignore-signatures unsigned signed --json
expect_json .same true .kernels_compared true .kernel.only_wrapping true .kernel.only_trailers true
# Anything else that differs is more than a signature, and so is what only looks like one.
wrap signed changed flip:600
run diff --ignore-signatures unsigned changed
expect_status 1
wrap other other-signed zstd size bzimage uki:1472
run diff --ignore-signatures unsigned other-signed
expect_status 1
cp unsigned longer
head -c 100 /dev/zero >>longer
run diff --ignore-signatures unsigned longer
expect_status 1

# Raw images are compared as bytes; the banner says who made them.
wrap vmlinux raw arm64
wrap other raw-other arm64
run diff raw raw
expect 0 'same, of no root that is known
vmlinux: same' ''
run diff raw raw-other
expect_status 1
expect_match stdout '^  arm64 Image and arm64 Image: without a section table, so compared as bytes$'
expect_match stdout '^  first difference at offset '
sed 's/(somebody@somewhere) #1 SMP/(a@somewhere) (gcc 12) #1 S/' raw >raw-once
sed 's/#1 S/#2 S/' raw-once >raw-again
run diff raw-once raw-again
expect_match stdout '^likely cause: build-number, vmlinux; vmlinux: banner: #1 in A, #2 in B$'
run diff raw vmlinux
expect 2 '' 'modproof: raw: arm64 Image has no section table, and vmlinux is an ELF file, so they are not compared; pass the vmlinux (ELF) that this one was made from'

# In packages; a kernel that only one side has is said to be missing on the other.
mkdir -p tree/boot tree/lib/modules/6.1.0-test
make_module tree/lib/modules/6.1.0-test/one.ko
package() {
  cp "$2" tree/boot/vmlinuz-6.1.0-test
  /usr/bin/python3 -B "$here/make_package.py" "$1" tar tree
}
package a.tar a
package flipped.tar flipped
run diff a.tar flipped.tar
expect_status 1
expect_match stdout '^vmlinux: different, only in the image around the kernel$'
package raw.tar raw
run diff a.tar raw.tar
expect_status 0
expect_match stdout '^vmlinux: not compared: arm64 Image has no section table'
run diff a.tar raw.tar --json
expect_json .same true .kernels_compared false
run diff a.tar tree/lib/modules/6.1.0-test
expect_status 0
expect_match stdout '^vmlinux: not compared: B has none$'

# Limits.
run diff a b --max-kernel-size 100
expect_status 2
expect_match stderr '^modproof: a: .*more than the 100 bytes'
run diff a.tar flipped.tar --max-kernel-size 100
expect_status 2
expect_match stderr '^modproof: a\.tar:boot/vmlinuz-6\.1\.0-test: .*more than the 100 '
