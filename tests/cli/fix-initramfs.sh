#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# verify --fix writes an initramfs in which the modules carry their proofs again.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

initramfs() {
  /usr/bin/python3 -B "$here/make_initramfs.py" "$@"
}

make_modules d a b c e
cp -r d bare
modproof seal d -q
mkdir microcode first second third expected
echo microcode >microcode/GenuineIntel.bin
cp bare/a.ko d/b.ko first
ln -s a.ko first/link.ko
cp d/c.ko second
cp bare/e.ko third
gzip -n -c bare/a.ko >second/a.ko.gz
make_module third/foreign.ko

# The image is what it would have been with the proofs: order, zeros and parts without a change stay.
# A compressed module is compressed again, so the second part is as this one.
mkdir sealed sealed-second
cp -P first/* sealed
cp d/a.ko sealed
cp second/* sealed-second
modproof attach sealed-second -t d/modules.merkle -q
mkdir sealed-third
cp third/* sealed-third
cp d/e.ko sealed-third
initramfs bare.img cpio:microcode zeros:1000 cpio:first zeros:516 cpio:second zeros:4
for compression in gzip bzip2 lzma xz zstd lzo lz4; do
  initramfs old.img cpio:microcode zeros:1000 cpio:first zeros:516 cpio:second zeros:4 \
    "$compression:third" zeros:512
  initramfs plain.img cpio:microcode zeros:1000 cpio:sealed zeros:516 cpio:sealed-second zeros:4
  chmod 640 old.img
  cp -p old.img kept.img
  run verify old.img -t d/modules.merkle --fix -o new.img
  expect_status 1
  expect_stdout <<END
new.img: 3 proofs attached again
new.img:foreign.ko: no-trailer: the module carries no proof
6 modules: 5 accepted, 1 refused (root $(root_of d/modules.merkle) of d/modules.merkle)
END
  expect_same_bytes old.img kept.img
  [ "$(stat -c %a new.img)" = 640 ] || fail "mode is not kept"
  cmp -n "$(stat -c %s plain.img)" plain.img new.img || fail "not the image with the proofs"
  # The part that changed: the same compression around the archive with the proof.
  tail -c "+$(($(stat -c %s plain.img) + 1))" new.img >rest
  truncate -s -512 rest
  initramfs third.img cpio:sealed-third
  case $compression in
    lzma) xz --format=lzma -dc <rest >third.out ;;
    lzo) lzop -dc <rest >third.out ;;
    lz4) lz4 -dc <rest >third.out ;;
    *) "$compression" -dc <rest >third.out ;;
  esac
  expect_same_bytes third.img third.out
  if [ "$compression" = xz ]; then
    cp rest rest.xz
    xz -l -v rest.xz >list
    grep -q CRC32 list || fail "xz without CRC32"
  fi
  # Both programs are thin covers of the libraries, and the levels are known. A header of lzop (38
  # bytes where it has no name) holds a time: it is the one of the part that was there.
  case $compression in
    lzo)
      tail -c "+$(($(stat -c %s bare.img) + 1))" old.img | cmp -n 38 - rest || fail "another header"
      lzop -c < <(cat third.img) | cmp -i 38 - rest || fail "not what lzop makes"
      ;;
    lz4) lz4 -l -9 -c <third.img | cmp - rest || fail "not what lz4 makes" ;;
  esac
  # The same input gives the same bytes; what carries its proofs stays as it is.
  run verify old.img -t d/modules.merkle --fix -o again.img -q
  expect_same_bytes new.img again.img
  run verify new.img -t d/modules.merkle --fix -o new.img
  expect_match stdout '^new\.img: 0 proofs attached again$'
  expect_same_bytes new.img again.img
done

# What follows a compressed part starts at a multiple of four, whatever size that part gets.
fixed=0
mkdir fourth
cp bare/e.ko fourth
for compression in gzip lz4 lzo; do
  for length in 1 2 3 4 5 6; do
    head -c $length "$MODPROOF" >fourth/length
    for zeros in 4 5 6 7; do
      initramfs followed.img "$compression:fourth" zeros:$zeros cpio:sealed
      modproof info followed.img >/dev/null 2>&1 || continue
      run verify followed.img -t d/modules.merkle --allow-missing --fix -o followed-new.img
      expect_status 0
      fixed=$((fixed + 1))
    done
  done
done
[ $fixed -eq 18 ] || fail "$fixed images"

# JSON names the modules.
run verify old.img -t d/modules.merkle --fix -o new.img --json
expect_json .attached '["old.img:a.ko", "old.img:a.ko.gz", "old.img:e.ko"]' .counts.accepted 5

# A compressed module that is broken stays as it is, and is reported.
mkdir broken
cp bare/a.ko broken
gzip -nc bare/e.ko | head -c -4 >broken/cut.ko.gz
initramfs cut.img cpio:broken
run verify cut.img -t d/modules.merkle --fix -o cut-new.img
expect_status 2
expect_match stdout '^cut-new\.img: 1 proof attached again$'
expect_match stderr '^modproof: cut-new\.img:cut\.ko\.gz: offset [0-9]+: cannot decompress \(gzip\)'

# An image that verify refuses as a whole is not written anew.
for cause in other-file-linked-to-module module-linked-to-other-file module-symbolic-link \
  linked-file-contents-twice; do
  cp "$here/../malformed/initramfs-$cause.cpio" odd.img
  cp odd.img kept.img
  for output in odd.img odd-new.img; do
    run verify odd.img -t d/modules.merkle --fix -o $output
    expect_status 2
    expect_stdout ''
    expect_match stderr '^modproof: odd\.img: '
  done
  expect_same_bytes odd.img kept.img
  [ ! -e odd-new.img ] || fail "odd-new.img is written"
done

# An archive with checksums (crc) has the new ones.
xz -0 --check=crc32 <bare/c.ko >bare/c.ko.xz
(cd bare && printf '%s\n' a.ko b.ko c.ko.xz | cpio -o -H crc --quiet) >crc.img
run verify crc.img -t d/modules.merkle --fix -o crc-new.img
expect_status 0
mkdir out
(cd out && cpio -i --only-verify-crc --quiet <../crc-new.img) 2>errors || fail "cpio refuses it"
[ ! -s errors ] || fail "$(cat errors)"

# A signature below the proof is a part of the payload, also of a compressed module. A module that was
# signed behind its proof carries one that does not count: it stays as it is, and so does one whose
# signature is not the one in the tree.
mkdir signed signed-image
for name in a b c; do
  make_module "signed/$name.ko"
  /usr/bin/python3 -B "$here/make_pkcs7.py" "signed/$name.ko"
done
cp signed/a.ko signed-image
xz -0 --check=crc32 -c signed/b.ko >signed-image/b.ko.xz
modproof seal signed -q
cp signed/c.ko signed-image
/usr/bin/python3 -B "$here/make_pkcs7.py" signed-image/c.ko
cp signed-image/a.ko signed-image/b.ko
/usr/bin/python3 -B "$here/make_pkcs7.py" signed-image/b.ko
initramfs signed.img cpio:signed-image
run verify signed.img -t signed/modules.merkle --fix -o signed-new.img
expect_status 1
expect_stdout <<END
signed-new.img: 2 proofs attached again
signed-new.img:b.ko: other-signature: the module carries a PKCS#7 signature, but no proof
signed-new.img:c.ko: other-signature: the module carries a PKCS#7 signature, but no proof
4 modules: 2 accepted, 2 refused (root $(root_of signed/modules.merkle) of signed/modules.merkle)
END
(mkdir signed-out && cd signed-out && cpio -i --quiet a.ko <../signed-new.img)
expect_same_bytes signed/a.ko signed-out/a.ko

# What cannot be written is refused, and nothing is left.
note_state
initramfs "$scratch/out/image" lz4-frame:third
run verify "$scratch/out/image" -t d/modules.merkle --fix -o never.img
expect_status 2
expect_match stderr 'offset 0: a part in frames of lz4, which the kernel does not read'
initramfs "$scratch/out/image" cpio:first text:rubbish
run verify "$scratch/out/image" -t d/modules.merkle --fix -o never.img
expect_status 2
expect_match stderr 'offset [0-9]+: neither a cpio archive'
run verify old.img d/a.ko -t d/modules.merkle --fix -o never.img
expect_status 2
expect_match stderr '^modproof: --fix needs one initramfs'
run verify old.img --fix -t d/modules.merkle
expect_status 2
expect_nothing_changed
expect_no_temporary_files .
