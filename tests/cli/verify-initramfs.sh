#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# verify checks the modules in every part of an initramfs, plain or compressed.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

initramfs() {
  /usr/bin/python3 -B "$here/make_initramfs.py" "$@"
}

make_modules d a b c e f
modproof seal d -q
modproof verify d -q -t d/modules.merkle
mkdir -p microcode/kernel/x86 first/lib/modules second/usr/lib/modules third
echo microcode >microcode/kernel/x86/GenuineIntel.bin
cp d/a.ko first/lib/modules
xz --check=crc32 -k -c d/b.ko >first/lib/modules/b.ko.xz
ln -s a.ko first/lib/modules/link.ko
cp d/c.ko second/usr/lib/modules
zstd -q -c d/e.ko >second/usr/lib/modules/e.ko.zst
cp d/f.ko third

for compression in gzip bzip2 lzma xz lzo lz4 zstd; do
  initramfs initrd.img cpio:microcode zeros:1000 cpio:first zeros:3 zeros:513 \
    "$compression+second+third" zeros:512
  run verify initrd.img -t d/modules.merkle
  expect_status 0
  expect_match stdout '^5 modules: 5 accepted, 0 refused'
done
run verify initrd.img -v -t d/modules.merkle
expect_match stdout '^initrd\.img:usr/lib/modules/e\.ko\.zst: accepted$'

# As cpio itself makes them, with a module that has two names.
ln first/lib/modules/a.ko first/lib/modules/g.ko
(cd first && find . | LC_ALL=C sort | cpio -o -H newc --quiet) | gzip -n >made.img
run verify made.img -t d/modules.merkle
expect_status 0
expect_match stdout '^2 modules: 2 accepted, 0 refused'
rm first/lib/modules/g.ko

# A wrong byte in a module of any part is found and named; so is a proof that was taken away.
cp d/c.ko kept
printf X | dd of=second/usr/lib/modules/c.ko bs=1 seek=70 conv=notrunc status=none
head -c 76 d/f.ko >third/f.ko
initramfs bad.img cpio:first "zstd+second+third"
run verify bad.img -t d/modules.merkle
expect_status 1
expect_match stdout '^bad\.img:usr/lib/modules/c\.ko: payload-changed'
expect_match stdout '^bad\.img:f\.ko: no-trailer: .*took the proof away'
expect_match stdout '^5 modules: 3 accepted, 2 refused'

# Broken images: what was checked before is shown, and the place is named.
initramfs bad.img cpio:first text:rubbish
run verify bad.img -t d/modules.merkle
expect_status 2
expect_match stderr '^modproof: bad\.img: offset [0-9]+: neither a cpio archive'
expect_match stdout '^2 modules: 2 accepted, 0 refused, 1 image not read to the end \('
run verify bad.img -t d/modules.merkle --json
expect_json .counts.accepted 2 .counts.not_checked 1
initramfs cut.img cpio:first
truncate -s -130 cut.img
run verify cut.img -t d/modules.merkle
expect_status 2
expect_match stderr '^modproof: cut\.img: '
initramfs cut.img xz:first
truncate -s -20 cut.img
run verify cut.img -t d/modules.merkle
expect_status 2
expect_match stderr '^modproof: cut\.img: '

# The kernel takes archives at multiples of four only, and names the entry behind which it breaks.
initramfs odd.img cpio:first zeros:3 cpio:second
run verify odd.img -t d/modules.merkle
expect_status 2
expect_match stderr '^modproof: odd\.img: offset [0-9]+: a cpio archive has to start at a multiple of 4$'
initramfs bad.img cpio:first
/usr/bin/python3 - <<'END'
image = open("bad.img", "rb").read()
open("bad.img", "wb").write(image.replace(b"070701", b"070703").replace(b"070703", b"070701", 1))
END
run verify bad.img -t d/modules.merkle
expect_status 2
expect_match stderr '^modproof: bad\.img: offset [0-9]+: .*behind the entry lib$'

# A compressed module in it is one stream, and compressed once, as everywhere.
cat first/lib/modules/b.ko.xz first/lib/modules/b.ko.xz >third/b.ko.xz
xz -k -c first/lib/modules/b.ko.xz >third/e.ko.xz
initramfs bad.img zstd:third
run verify bad.img -t d/modules.merkle
expect_status 2
expect_match stderr '^modproof: bad\.img:b\.ko\.xz: offset [0-9]+: bytes behind the end'
expect_match stderr '^modproof: bad\.img:e\.ko\.xz: .*compressed'
rm third/b.ko.xz third/e.ko.xz

# Limits.
run verify initrd.img -t d/modules.merkle --max-initramfs-size 100
expect_status 2
expect_match stderr '^modproof: initrd\.img: .*more than the 100 bytes'
run verify initrd.img -t d/modules.merkle --max-module-size 20
expect_status 2
expect_match stderr '^modproof: initrd\.img:lib/modules/b\.ko\.xz: .*more than the 20 bytes'
