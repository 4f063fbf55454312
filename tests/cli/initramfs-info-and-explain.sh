#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# info shows the parts of an initramfs and how its modules are authenticated; explain explains those
# that are refused.
# shellcheck disable=SC2016  # messages with backquotes
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

initramfs() {
  /usr/bin/python3 -B "$here/make_initramfs.py" "$@"
}

make_modules build a b c e f
cp -r build d
modproof seal d -q
mkdir -p microcode/kernel/x86 first/lib/modules/6.1.0-9 second/usr/lib/modules/6.12.1 third
echo microcode >microcode/kernel/x86/GenuineIntel.bin
cp d/a.ko first/lib/modules/6.1.0-9
xz --check=crc32 -k -c build/b.ko >first/lib/modules/6.1.0-9/b.ko.xz
cp build/c.ko second/usr/lib/modules/6.12.1
printf 'signature\0\0\2\0\0\0\0\0\0\0\0\11~Module signature appended~\n' >>second/usr/lib/modules/6.12.1/c.ko
zstd -q -c d/e.ko >second/usr/lib/modules/6.12.1/e.ko.zst
ln -s 6.12.1 second/usr/lib/modules/link
touch second/usr/lib/modules/file
cp d/f.ko third
initramfs initrd.img cpio:microcode zeros:1000 zstd:first zeros:3 zeros:513 xz+second+third zeros:512

# Sizes are those of the parts as they stand, which is told here without the tool.
initramfs one cpio:microcode
initramfs two zstd:first
initramfs three xz+second+third
one=$(stat -c %s one) two=$(stat -c %s two) three=$(stat -c %s three)
second=$((one + 1000))
third=$((second + two + 516))
run info initrd.img
expect 0 "filename:     initrd.img
type:         initramfs
size:         $((third + three + 512))
part:         offset 0, $one bytes, plain, 3 entries, 0 modules
part:         offset $second, $two bytes, zstd, 5 entries, 2 modules
part:         offset $third, $three bytes, xz, 9 entries, 3 modules
kernels:      6.1.0-9, 6.12.1
modules:      5
proofs:       3
signatures:   1" ''
run info --json initrd.img
expect_status 0
expect_json .files[0].type initramfs .files[0].parts[1].compression zstd .files[0].parts[2].offset "$third" \
  .files[0].kernels '["6.1.0-9", "6.12.1"]' .files[0].proofs 3

# Names from the root, archives behind one another, and none of what is looked for.
mkdir -p fourth/bin
initramfs plain cpio:third cpio:fourth
run info plain
expect_status 0
expect_match stdout '^part: +offset 0, [0-9]+ bytes, plain, 1 entry, 1 module$'
expect_match stdout '^part: +offset [1-9][0-9]*, [0-9]+ bytes, plain, 1 entry, 0 modules$'
expect_match stdout '^kernels: +none$'
(cd first && find . | LC_ALL=C sort | cpio -o -H newc --quiet) | gzip -n >made.img
run info made.img
expect_status 0
expect_match stdout '^kernels: +6\.1\.0-9$'

# explain: each module of each part, with what to do about the image.
run explain initrd.img -t d/modules.merkle
expect_status 1
expect_stderr ''
expect_stdout <<'TEXT'
initrd.img:lib/modules/6.1.0-9/a.ko: accepted
initrd.img:lib/modules/6.1.0-9/b.ko.xz: no-trailer: the module carries no proof
  the payload is the one at position 1 of the tree (linked)
  cause: not-attached
  to do: run `modproof verify --fix` with this tree file, which writes an initramfs with this proof, and keep what makes the initramfs from taking it away
initrd.img:usr/lib/modules/6.12.1/c.ko: other-signature: the module carries a PKCS#7 signature, but no proof
  without its signature the payload is the one at position 2 of the tree
  cause: signed-after
  to do: make the tree of the signed modules, or install this one unsigned; then make the initramfs anew
initrd.img:usr/lib/modules/6.12.1/e.ko.zst: accepted
initrd.img:f.ko: accepted
5 modules: 3 accepted, 2 refused
TEXT
run explain initrd.img -q --json -t d/modules.merkle
expect_status 1
expect_json .counts.accepted 3 .counts.refused 2 .modules[1].cause not-attached .modules[2].cause signed-after

# Beside other modules.
run explain plain d/a.ko -t d/modules.merkle
expect 0 'd/a.ko: accepted
plain:f.ko: accepted
2 modules: 2 accepted, 0 refused' ''

# A module that cannot be judged is an error, and so is an image that is broken.
head -c -1 d/f.ko >third/f.ko
printf x >>third/f.ko
xz -k -c first/lib/modules/6.1.0-9/b.ko.xz >third/g.ko.xz
initramfs bad.img cpio:third cpio:first
run info bad.img
expect_status 2
expect_match stderr '^modproof: bad\.img:g\.ko\.xz: .*compressed'
expect_match stdout '^modules: +4$'
run explain bad.img -t d/modules.merkle
expect_status 2
expect_match stderr '^modproof: bad\.img:g\.ko\.xz: .*compressed'
expect_match stdout '^4 modules: 1 accepted, 2 refused, 1 not checked$'
initramfs bad.img cpio:first text:rubbish
for command in info "explain -t d/modules.merkle"; do
  # shellcheck disable=SC2086  # two words
  run $command bad.img
  expect_status 2
  expect_match stderr '^modproof: bad\.img: offset [0-9]+: neither a cpio archive'
  run $command initrd.img --max-initramfs-size 100
  expect_status 2
  expect_match stderr '^modproof: initrd\.img: .*more than the 100 bytes'
done

run explain bad.img -t d/modules.merkle -q
expect_status 2
run explain bad.img -t d/modules.merkle
expect_match stdout '^[0-9]+ modules: [0-9]+ accepted, [0-9]+ refused, 1 image not read to the end$'

# diff has no use for one, and says so.
run diff initrd.img d
expect_status 2
expect_match stderr '^modproof: initrd\.img: an initramfs holds a part of a build'
