#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# manifest: the same text for the same build, which says what sha256sum and the tree file say; read
# back by verify, diff and info; strict about every byte.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_program as

module() { # FILE TEXT
  mkdir -p "$(dirname "$1")"
  printf '%s\n' '.section .modinfo,"a"' '.asciz "license=GPL"' \
    '.asciz "vermagic=7.3.0-test SMP preempt mod_unload "' .text ".ascii \"$2\"" | as -o "$1" -
}
for name in charlie alpha bravo-one; do
  module a/kernel/$name.ko "$name"
done
printf 'kernel/%s.ko\n' charlie alpha bravo-one >a/modules.order
modproof seal a -q
root=$(root_of a/modules.merkle)
file() { sha256sum "a/kernel/$1.ko" | cut -d' ' -f1; }
leaf() { modproof info -v --json a/modules.merkle | /usr/bin/python3 -c '
import json, sys
for m in json.load(sys.stdin)["files"][0]["module_list"]:
    if m["name"] == sys.argv[1]:
        print("%d:%s" % (m["leaves"][0]["payload"], m["leaves"][0]["leaf"]))' "$1"; }
cat >expected <<END
modproof-manifest 1
kernel 7.3.0-test
architecture x86_64
root $root
variants linked
modules 3
1 $(file alpha) $(leaf alpha) alpha
2 $(file bravo-one) $(leaf bravo-one) bravo-one
0 $(file charlie) $(leaf charlie) charlie
END
run manifest a
expect 0 "$(cat expected)" ''
run manifest a -o one.manifest
expect 0 "one.manifest: 3 modules, root $root" ''
expect_same_bytes expected one.manifest
# From elsewhere, with any number of threads, with a tree file.
cp -r a /tmp/"${scratch##*/}-elsewhere"
run manifest "/tmp/${scratch##*/}-elsewhere" -j1 -q -o two.manifest
rm -r "/tmp/${scratch##*/}-elsewhere"
expect 0 '' ''
expect_same_bytes one.manifest two.manifest
run manifest a -t a/modules.merkle
expect_stdout <one.manifest

# Read back.
run verify a --tree one.manifest
expect 0 "3 modules: 3 accepted, 0 refused (root $root of one.manifest)" ''
run diff one.manifest a
expect 0 "same root: $root
3 modules in A, 3 in B: 3 same, 0 different" ''
run diff a/modules.merkle one.manifest
expect_status 0
run info one.manifest
expect_status 0
expect_match stdout '^type: +manifest$'
cp -r a changed
flip changed/kernel/alpha.ko 70
run diff one.manifest changed
expect_status 1
expect_match stdout '^alpha: different$'

# The file as shipped is part of it, the leaf is not changed by a proof.
cp -r a detached
modproof detach detached -q
run manifest detached
grep -v '^[0-9]' <"$scratch/out/stdout" >header
grep -v '^[0-9]' <one.manifest | cmp - header || fail "another root after detach"
cut -d' ' -f2 <"$scratch/out/stdout" | grep -q "$(file alpha)" && fail "the file did not change"
cut -d' ' -f1,3- <one.manifest >with
cut -d' ' -f1,3- <"$scratch/out/stdout" | cmp - with || fail "leaves depend on proofs"

# Compressed modules: FILE is the digest of what is stored, the leaf that of the module inside. One is
# larger than what is held in memory; the first of them is looked at for release and architecture.
cp -r a packed
rm packed/modules.merkle packed/modules.order
{
  cat packed/kernel/alpha.ko
  head -c 9000000 /dev/zero
} >packed/kernel/large.ko
modproof manifest packed -q -o plain.manifest
gzip -n packed/kernel/alpha.ko
xz --check=crc32 --lzma2=dict=1MiB packed/kernel/bravo-one.ko
xz --check=crc32 --lzma2=dict=1MiB packed/kernel/large.ko
zstd -q --rm packed/kernel/charlie.ko
for jobs in 1 3; do
  run manifest packed -j $jobs -q -o packed.manifest
  expect 0 '' ''
  for file in packed/kernel/*; do
    name=${file##*/}
    grep -q "^[0-9]* $(sha256sum "$file" | cut -d' ' -f1) [^ ]* ${name%%.*}$" packed.manifest ||
      fail "the digest of $file is not in the manifest"
  done
  cut -d' ' -f1,3- <plain.manifest >with
  cut -d' ' -f1,3- <packed.manifest | cmp - with || fail "leaves depend on compression"
done
run manifest a -t packed.manifest
expect_status 2
rm packed/kernel/large.ko.xz
run manifest packed -t a/modules.merkle -q -o packed.manifest
expect 0 '' ''
grep -q "$(sha256sum packed/kernel/alpha.ko.gz | cut -d' ' -f1)" packed.manifest || fail "digest with a tree"

# Variants: the positions of the tree, both leaves, whichever form is installed.
mkdir debug
for name in x y; do
  make_debug_module debug/$name.ko
done
modproof tree debug -q --variant strip -o two.merkle --no-cache
cp -r debug stripped
strip --strip-debug stripped/*.ko
modproof attach -q -t two.merkle debug stripped
for form in debug stripped; do
  run manifest $form -t two.merkle -q -o $form.manifest
  expect 0 '' ''
  [ "$(grep -c '^variants linked,strip-debug$' $form.manifest)" -eq 1 ] || fail "no variants"
  run verify stripped --tree $form.manifest
  expect_status 0
done
if cmp -s debug.manifest stripped.manifest; then fail "the forms are not told apart"; fi
run manifest debug -t a/modules.merkle
expect_status 2
expect_stderr 'modproof: debug/x.ko: the tree file has no such module'
rm debug/y.ko
run manifest debug -t two.merkle
expect 2 '' 'modproof: debug: module y of the tree file is not in it'
flip stripped/x.ko 70
run manifest stripped -t two.merkle
expect 2 '' 'modproof: stripped/x.ko: its payload is none of the forms that the tree file has of it'

# Every byte counts: a changed one is another build or is refused, never an accident.
size=$(stat -c %s one.manifest)
for offset in 0 18 24 45 60 80 120 160 250 300 $((size - 2)) $((size - 1)); do
  cp one.manifest bad
  flip bad "$offset"
  run verify a --tree bad
  if [ "$status" -eq 0 ]; then
    # Release, architecture and file digests do not take part in the tree.
    diff <(cut -d' ' -f1,3- <bad) <(cut -d' ' -f1,3- <one.manifest) >/dev/null ||
      [ "$(grep -c . <(diff bad one.manifest | grep '^[<>] [ka]'))" -eq 2 ] || fail "byte $offset changed unnoticed"
  fi
done
for cut in 1 20 100 $((size - 1)); do
  head -c "$cut" one.manifest >bad
  run verify a --tree bad
  expect_status 2
  expect_match stderr '^modproof: bad: '
done
