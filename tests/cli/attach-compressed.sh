#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# attach, detach and seal write compressed modules as the file that was there was made: the module
# inside is what a plain one becomes, to the byte, and the kernel can decompress it.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# As scripts/Makefile.modinst of the kernel does, and with options that others use.
pack() { # COMMAND FILE
  case $1 in
    gzip*) suffix=gz ;;
    xz*) suffix=xz ;;
    zstd*) suffix=zst ;;
  esac
  # shellcheck disable=SC2086  # words
  $1 -c "$2" >"$2.$suffix"
}
unpack() {
  case $1 in
    *.gz) gzip -dc ;;
    *.xz) xz -dc ;;
    *.zst) zstd -qdc ;;
  esac <"$1"
}
# The first of each command is that of kbuild.
mapfile -t kinds <<'END'
gzip -n
gzip -n -9
xz -T1 --check=crc32 --lzma2=dict=1MiB
xz -T1 --check=none --x86 --lzma2=dict=512KiB
zstd -q
zstd -q -19 --no-check --no-content-size
zstd -q -1
END

mkdir plain
cat "$here"/*.sh >"$scratch/out/text"
truncate -s 100000 "$scratch/out/text"
for i in "${!kinds[@]}"; do
  make_module "plain/m$i.ko"
  cat "$scratch/out/text" >>"plain/m$i.ko"
done
# Larger than what is held in memory.
make_module plain/large.ko
head -c 4300000 /dev/zero | tr '\0' 'x' >>plain/large.ko
seal_copy plain sealed
cp -r plain packed
for i in "${!kinds[@]}"; do
  pack "${kinds[i]}" "packed/m$i.ko"
done
pack "zstd -q" packed/large.ko
rm packed/*.ko
count=$((${#kinds[@]} + 1))
cp -r packed original

# expect_inside DIR WANTED: the modules in DIR decompress to those in WANTED, and no other file is there.
expect_inside() {
  local file name
  [ "$(find "$1" -type f | wc -l)" -eq "$count" ] || fail "$(ls "$1")"
  for file in "$1"/*; do
    name=${file##*/}
    unpack "$file" | cmp - "$2/${name%.*}" || fail "$file is not $2/${name%.*} inside"
  done
}

# Nothing is written for --dry-run.
note_state
run attach packed --dry-run
expect 0 "$count modules: $count attached (dry run, nothing was written)" ''
run attach packed --dry-run --json
expect_json .counts.attached $count .dry_run true
run detach packed
expect 0 "$count modules: $count unchanged" ''
expect_nothing_changed

run attach packed -j1
expect 0 "$count modules: $count attached" ''
expect_inside packed sealed
run verify packed -r "$root" -q
expect 0 '' ''
# The same bytes from any number of threads, from seal, and over another proof.
for how in "attach -j 7" "seal -o again.merkle -j 3"; do
  rm -rf other
  cp -r original other
  # shellcheck disable=SC2086  # words
  run $how other
  expect_status 0
  diff -r packed other || fail "$how"
done
expect_same_bytes modules.merkle again.merkle

# The right proof is there: no file is touched.
note_state
run attach packed
expect 0 "$count modules: $count unchanged" ''
run seal packed -o modules.merkle
expect_status 0
expect_match stdout "^$count modules: $count unchanged\$"
run seal packed --dry-run -o modules.merkle
expect_match stdout "^$count modules: $count unchanged"
expect_nothing_changed

# Settings: what xz itself makes of the sealed module, to the byte; the head of gzip; checksum and
# window of zstd, and its level, which shows in the size.
cp -r sealed wanted
for i in "${!kinds[@]}"; do
  pack "${kinds[i]}" "wanted/m$i.ko"
done
for file in packed/m*.xz; do
  expect_same_bytes "$file" "wanted/${file#*/}"
done
for file in packed/*.gz; do
  [ "$(head -c 10 "$file" | od -tx1)" = "$(head -c 10 "original/${file#*/}" | od -tx1)" ] || fail "head of $file"
done
for file in packed/m*.zst; do
  for tested in "$file" "original/${file#*/}"; do
    zstd -lv "$tested" 2>&1 | sed -n 's/^Window Size: .*(\(.*\) B)/\1/p; s/^Check: \([^ ]*\).*/\1/p'
  done >"$scratch/out/settings"
  mapfile -t now <"$scratch/out/settings"
  [ "${now[1]}" = "${now[3]}" ] || fail "$file: ${now[*]}"
  [ "${now[0]}" -le $((now[2] + 500)) ] || fail "$file: ${now[*]}"
done
for file in packed/m*; do
  size=$(stat -c %s "$file")
  most=$(($(stat -c %s "wanted/${file#*/}") * 102 / 100 + 20))
  [ "$size" -le "$most" ] || fail "$file has $size bytes, not $most at most"
done

# A module that carries the proof of another build.
rm -rf other
cp -r packed other
make_module plain/one-more.ko
modproof tree plain -q -o other.merkle
run attach other -t other.merkle
expect 0 "$count modules: $count attached" ''
run verify other -r "$(root_of other.merkle)" -q
expect 0 '' ''
run attach other
expect 0 "$count modules: $count attached" ''
run verify other -r "$root" -q
expect 0 '' ''

# The payload comes back; of xz, which says all of its settings, the very file.
run detach other
expect 0 "$count modules: $count detached" ''
expect_inside other plain
for file in other/m*.xz; do
  expect_same_bytes "$file" "original/${file#*/}"
done

# A file that is changed keeps mode, time and name; a link stays a link; another name of it the old
# bytes.
mkdir links
cp original/m2.ko.xz links/m2.ko.xz
chmod 640 links/m2.ko.xz
touch -d '2001-02-03 04:05:06.123456789' links/m2.ko.xz
ln links/m2.ko.xz kept.xz
mkdir named
ln -s ../links/m2.ko.xz named/m2.ko
before=$(stat -c '%a %u:%g %Y %y' links/m2.ko.xz)
run attach named
expect 0 '1 module: 1 attached' ''
[ -L named/m2.ko ] || fail "the link is gone"
[ "$(stat -c '%a %u:%g %Y %y' links/m2.ko.xz)" = "$before" ] || fail "metadata"
expect_same_bytes links/m2.ko.xz packed/m2.ko.xz
expect_same_bytes kept.xz original/m2.ko.xz

# A wrong byte inside is found, and is not given a proof; nor is a file that is broken.
rm -rf other named links
mkdir other
cp plain/m[024].ko other
for i in 0 2 4; do
  flip other/m$i.ko 100
  pack "${kinds[i]}" other/m$i.ko
done
rm other/*.ko
note_state
run attach other
expect_status 1
expect_match stdout '^3 modules: 3 payload-unknown$'
for file in m1.ko.gz m3.ko.xz m5.ko.zst large.ko.zst; do
  head -c -1 "original/$file" >"other/cut-$file"
done
rm other/m*
note_state
for command in attach detach "seal -o x"; do
  # shellcheck disable=SC2086  # words
  run $command other
  expect_status 2
  expect_match stderr '^modproof: other/cut-[^:]*: offset [0-9]+: cannot decompress \('
  expect_nothing_changed
done

# What it may decompress to is limited here, too.
cp packed/large.ko.zst other
rm other/cut-*
note_state
for command in attach detach "seal -o x"; do
  # shellcheck disable=SC2086  # words
  run $command other --max-module-size 4M
  expect_status 2
  expect_match stderr 'decompresses to more than the 4194304 bytes that are allowed; if it is to be trusted, allow more with --max-module-size$'
done
expect_nothing_changed
