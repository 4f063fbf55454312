#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A file that is not called like a module is told by its contents: a module counts under the name
# inside, whatever the file is called; of a kernel image it is said where it belongs.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# module FILE [NAME]: with the section in which the kernel looks for the module.
module() {
  local name=${2:-}
  printf '%s\n' '.section .modinfo,"a"' ".asciz \"license=GPL\"" ${name:+".asciz \"name=$name\""} \
    '.section .gnu.linkonce.this_module,"aw"' '.fill 64,1,0' '.text' 'start: nop' \
    ".ascii \"$1\"" >module.s
  as -o "$1" module.s
}

mkdir modules
module modules/usb-storage.ko usb_storage
module modules/plain.ko
modproof seal modules -q
root=$(root_of modules/modules.merkle)
cp modules/usb-storage.ko 'usb storage (1)'
gzip -nc modules/usb-storage.ko >download.1
xz -0 --check=crc32 -c modules/usb-storage.ko >download.2
zstd -qc modules/usb-storage.ko >download.3
run verify 'usb storage (1)' download.{1,2,3} -r "$root" --json
expect_status 0
expect_json .counts.accepted 4 .modules[0].name usb_storage .modules[3].name usb_storage
# The tree file knows it by the name inside; - and _ are the same.
modproof detach -q 'usb storage (1)'
run explain 'usb storage (1)' download.3 -t modules/modules.merkle --json
expect_status 1
expect_json .modules[0].cause not-attached .modules[1].reason accepted
run attach 'usb storage (1)' -t modules/modules.merkle
expect 0 '1 module: 1 attached' ''
expect_same_bytes modules/usb-storage.ko 'usb storage (1)'
run info 'usb storage (1)' download.1 --json
expect_json .files[0].name usb_storage .files[1].name usb_storage .files[1].compression gzip
# Without a name inside it is the name of the file.
gzip -nc modules/plain.ko >plain.gz
run verify plain.gz -t modules/modules.merkle --json
expect_status 0
expect_json .modules[0].name plain

# Other relocatable files are none.
make_debug_module object.o
for file in object.o module.s; do
  run verify "$file" -r "$root"
  expect 2 '' "modproof: $file: not a directory, and neither a module nor called like one (NAME.ko)"
done
# What starts like a module and breaks off later is a broken one.
head -c -5 download.1 >broken
run verify broken -r "$root"
expect_status 2
expect_match stderr '^modproof: broken: offset [0-9]+: cannot decompress \(gzip\)'

# Kernel images.
make_vmlinux vmlinux
image() {
  /usr/bin/python3 "$here/make_image.py" vmlinux "$@"
}
image bzImage xz size bzimage
image vmlinux.zst zstd
image zboot gzip zboot:gzip
image Image arm64
image Image.gz arm64 gzip
image uki xz size bzimage uki
for file in vmlinux bzImage vmlinux.zst zboot Image Image.gz; do
  for command in 'verify -r' 'explain -r'; do
    # shellcheck disable=SC2086  # two words
    run $command "$root" "$file"
    expect 2 '' "modproof: $file: a kernel image, not a module; where a kernel is needed, name it \
with --kernel, and modules or directories of them as arguments"
  done
  run attach "$file" -t modules/modules.merkle
  expect_status 2
  expect_match stderr "^modproof: $file: a kernel image, not a module; "
done
run verify uki modules -r "$root"
expect 2 '' "modproof: uki: a unified kernel image; where a kernel is needed, name it with --kernel. \
The modules in its initramfs are not looked at: take that out with \`objcopy -O binary \
--only-section=.initrd FILE initrd.img\`, and name initrd.img"
run seal bzImage
expect_status 2
