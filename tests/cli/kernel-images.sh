#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A kernel is read in whatever it is wrapped in, and a wrong byte on the way is found and named.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

wrap() {
  /usr/bin/python3 "$here/make_image.py" "$@"
}

make_modules d a b c
modproof seal d -q
root=$(root_of d/modules.merkle)
make_vmlinux vmlinux
modproof patch vmlinux -q -t d/modules.merkle

# expect_kernel FORMAT IMAGE: `info` names the format and the root, `verify` accepts the modules.
expect_kernel() {
  run info "$2"
  expect_status 0
  expect_match stdout "^format: +$1\$"
  expect_match stdout "^root: +$root\$"
  run verify d --kernel "$2"
  expect_status 0
  # Nothing but what belongs there is left behind.
  expect_match stdout '^3 modules: 3 accepted, 0 refused'
}

for compression in gzip bzip2 lzma xz lzo lz4 lz4-frame zstd; do
  wrap vmlinux compressed "$compression"
  name=${compression%-frame}
  expect_kernel "$name, ELF vmlinux, 64 bit" compressed
  [ "$compression" != lz4-frame ] || continue
  size=(size)
  [ "$compression" != gzip ] || size=()
  wrap vmlinux bzImage "$compression" "${size[@]}" bzimage
  expect_kernel "bzImage 2\.15, $name, ELF vmlinux, 64 bit" bzImage
  wrap vmlinux vmlinuz.efi "$compression" "zboot:$name"
  expect_kernel "EFI zboot image, $name, ELF vmlinux, 64 bit" vmlinuz.efi
  # Every compression has a checksum or notices by itself, but for lz4 and lzma; there the size does.
  case $compression in
    lz4 | lzma) ;;
    *)
      wrap vmlinux bad "$compression" flip:-40 "${size[@]}" bzimage
      run info bad
      expect_status 2
      expect_match stderr '^modproof: bad: '
      ;;
  esac
  wrap vmlinux cut "$compression"
  truncate -s -30 cut
  run info cut
  expect_status 2
  expect_match stderr '^modproof: cut: '
done

# Unified kernel images hold any other.
wrap vmlinux uki zstd size bzimage uki
expect_kernel 'unified kernel image, bzImage 2\.15, zstd, ELF vmlinux, 64 bit' uki
wrap vmlinux uki gzip zboot:gzip uki
expect_kernel 'unified kernel image, EFI zboot image, gzip, ELF vmlinux, 64 bit' uki
wrap vmlinux uki uki
expect_kernel 'unified kernel image, ELF vmlinux, 64 bit' uki
if command -v objcopy >/dev/null; then
  # As such an image is made: sections added to an EFI program.
  wrap /dev/null stub uki
  wrap vmlinux bzImage xz size bzimage
  if objcopy --remove-section .linux --add-section .linux=bzImage \
    --change-section-vma .linux=0x2000000 stub made.efi 2>"$scratch/out/objcopy"; then
    expect_kernel 'unified kernel image, bzImage 2\.15, xz, ELF vmlinux, 64 bit' made.efi
  fi
fi

# Kernels of other machines.
make_vmlinux big --bits 32 --order big
wrap big wrapped xz
run info wrapped
expect_status 0
expect_match stdout '^format: +xz, ELF vmlinux, 32 bit$'
expect_match stdout '^byte_order: +big$'

# The word behind the payload is compared.
wrap vmlinux bad xz size flip:-1 bzimage
run verify d --kernel bad
expect_status 2
expect_match stderr '^modproof: bad: .*decompresses to [0-9]+ bytes, but the word behind it says'

# No module hashes is an answer to `info`, and no kernel to check against.
make_vmlinux without --count 0
wrap without image zstd size bzimage
run info image
expect_status 0
expect_match stdout '^root: +none: this kernel has no module hashes$'
expect_match stdout '^version: +6\.1\.0-test \(somebody@somewhere\) #1 SMP$'
run verify d --kernel image
expect_status 2
expect_match stderr '^modproof: image: this kernel has no module hashes'

# A raw image keeps no section table, so its root is never guessed.
wrap vmlinux Image arm64
wrap Image Image.gz gzip
wrap Image Image.efi zstd zboot:zstd22
for image in Image Image.gz Image.efi; do
  run info "$image"
  expect_status 0
  expect_match stdout '^format: +(.*, )?arm64 Image$'
  expect_match stdout '^version: +6\.1\.0-test '
  expect_match stdout '^root: +cannot be told: '
  run verify d --kernel "$image"
  expect_status 2
  expect_match stderr "^modproof: $image: an arm64 Image keeps no section table.*pass the vmlinux"
done

# Limits: what a layer decompresses to, and how many layers there are.
wrap vmlinux image xz size bzimage
run info image --max-kernel-size 1K
expect_status 2
expect_match stderr '^modproof: image: .*more than the 1024 bytes'
run verify d --kernel image --max-kernel-size 1M
expect_status 0
wrap vmlinux deep gzip gzip gzip gzip gzip gzip gzip gzip gzip
run info deep
expect_status 2
expect_match stderr '^modproof: deep: more than 8 layers'

# patch compares with any of them, and writes into an ELF file only.
run patch image --check -t d/modules.merkle
expect_status 0
cp image before
run patch image -t d/modules.merkle
expect_status 2
expect_match stderr '^modproof: image: .*patch that vmlinux \(ELF\)'
expect_same_bytes before image
