#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A compressed module (gzip, xz, zstd) is read as the kernel sees it: the proof is that of the module
# inside. Which file is compressed its contents say, not its name. (How they are written:
# attach-compressed.sh.)
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# compress FORMAT FILE: in place, under the name that it has.
compress() {
  case $1 in
    gzip) gzip -n9 <"$2" ;;
    xz) xz --check=crc32 --lzma2=dict=1MiB <"$2" ;;
    zstd) zstd -q --ultra -22 <"$2" ;;
    bzip2) bzip2 <"$2" ;;
  esac >"$2.new"
  mv "$2.new" "$2"
}

make_modules plain a b c d
# Larger than what is held in memory.
head -c 9000000 /dev/zero | tr '\0' 'x' >>plain/d.ko
seal_copy plain sealed
cp -r sealed packed
compress gzip packed/a.ko && mv packed/a.ko packed/a.ko.gz
compress xz packed/b.ko && mv packed/b.ko packed/b.ko.xz
compress zstd packed/c.ko # and is still called c.ko
compress zstd packed/d.ko && mv packed/d.ko packed/d.ko.xz
rm -f packed/modules.merkle

run verify packed -t modules.merkle -v
expect 0 "packed/a.ko.gz: accepted
packed/b.ko.xz: accepted
packed/c.ko: accepted
packed/d.ko.xz: accepted
4 modules: 4 accepted, 0 refused (root $root of modules.merkle)" ''
for jobs in 1 7; do
  run verify packed -r "$root" -j "$jobs" -q
  expect 0 '' ''
done
run explain packed -t modules.merkle
expect_status 0

# The tree of compressed modules is that of plain ones.
run tree packed -q -o packed.merkle
expect 0 '' ''
expect_same_bytes modules.merkle packed.merkle

leaf=$( (printf '\1\0\0\0\1' && cat plain/b.ko) | sha256sum | cut -d' ' -f1)
run info packed/b.ko.xz
expect 0 "filename:     packed/b.ko.xz
type:         module
name:         b
machine:      x86_64
compression:  xz
size:         $(stat -c %s packed/b.ko.xz)
payload:      $(stat -c %s plain/b.ko)
debug:        none
sig_id:       Merkle
position:     1
levels:       2
leaf:         $leaf
root:         $root" ''
run info packed/d.ko.xz --json
expect_status 0
expect_json '.files[0].compression' zstd '.files[0].payload' "$(stat -c %s plain/d.ko)"

# A wrong byte in the module is found and named, as in a plain one.
cp sealed/b.ko wrong.ko
flip wrong.ko 70
compress xz wrong.ko
cp -r packed changed && mv wrong.ko changed/b.ko.xz
run verify changed -t modules.merkle
expect_status 1
expect_match stdout '^changed/b\.ko\.xz: payload-changed'
cp plain/b.ko changed/b.ko.xz && compress xz changed/b.ko.xz
run verify changed -t modules.merkle
expect_status 1
expect_match stdout '^changed/b\.ko\.xz: no-trailer'
run explain changed/b.ko.xz -t modules.merkle
expect_match stdout 'not-attached'

# A proof that was attached from outside is none: what the kernel decompresses is one stream.
cp packed/b.ko.xz outside.ko
tail -c 108 sealed/b.ko >>outside.ko
run verify outside.ko -r "$root"
expect_status 2
expect_match stderr '^modproof: outside\.ko: offset [0-9]+: bytes behind the end of what is compressed \(xz\)$'

# The same with a second stream: the kernel would read the first, kmod both.
for format in gzip xz zstd; do
  cp sealed/b.ko first && cp sealed/c.ko second
  compress "$format" first && compress "$format" second
  size=$(stat -c %s first)
  cat first second >two.ko
  run verify two.ko -r "$root"
  expect_status 2
  expect_stdout "1 module: 0 accepted, 0 refused, 1 not checked (root $root of the command line)"
  expect_stderr "modproof: two.ko: offset $size: bytes behind the end of what is compressed ($format)"
  # Cut off, and with a wrong byte near the end: the checksum notices where nothing else does.
  head -c $((size - 1)) first >cut.ko
  cp first flipped.ko && flip flipped.ko $((size / 2))
  for command in verify explain; do
    for file in cut.ko flipped.ko; do
      if [ "$format" = zstd ] && [ "$file" = flipped.ko ]; then
        # zstd(1) adds no checksum to what it reads from a pipe; the proof finds what zstd does not.
        run "$command" "$file" -r "$root"
        [ "$status" -ne 0 ] || fail "$file of $format was accepted"
        continue
      fi
      run "$command" "$file" -r "$root"
      expect_status 2
      expect_match stderr "^modproof: $file: offset [0-9]+: cannot decompress \($format\): "
    done
  done
done

# In other compressions the kernel takes no modules.
cp sealed/b.ko other.ko && compress bzip2 other.ko
run verify other.ko -r "$root"
expect_status 2
expect_stderr 'modproof: other.ko: offset 0: the file is compressed (bzip2); decompress it first'

# What it may decompress to is limited.
for command in "verify packed/d.ko.xz -r $root" "explain packed/d.ko.xz -r $root" \
  "tree packed -o x" "info packed/d.ko.xz"; do
  # shellcheck disable=SC2086  # words
  run $command --max-module-size 8M
  expect_status 2
  expect_match stderr '^modproof: packed/d\.ko\.xz: .*decompresses to more than the 8388608 bytes that are allowed; if it is to be trusted, allow more with --max-module-size$'
done
[ ! -e x ] || fail "a tree was written"
run verify packed/d.ko.xz -r "$root" --max-module-size 10M -q
expect 0 '' ''

# Modules that are stripped on the way.
make_debug_module debug/e.ko
modproof tree debug -q --variant strip -o plain.merkle
compress zstd debug/e.ko
run tree debug -q --variant strip -o packed.merkle
expect 0 '' ''
expect_same_bytes plain.merkle packed.merkle
