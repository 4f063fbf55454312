#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The cache beside the tree file saves hashing and changes nothing else: a tree made with it has the
# same bytes as one made without, whatever happened to the modules in between.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

check() {
  run tree d -q
  expect_status 0
  run tree d -q --no-cache -o fresh
  expect_status 0
  cmp -s modules.merkle fresh || fail "$1: with the cache the tree is another"
}

make_modules d a b c
mkdir other
echo 'not ELF' >other/text.ko
# The cache trusts files whose last change is more than three seconds ago only, by whole seconds.
run tree d -q
# Unless all of this took so long.
[ $(($(date +%s) - $(stat -c %Z d/a.ko))) -gt 3 ] || [ ! -e modules.merkle.cache ] ||
  fail "a cache of files that were written just now"
sleep 4.1
check "nothing happened"
[ -e modules.merkle.cache ] || fail "no cache"
check "still nothing happened"

before=$(stat -c %Y d/a.ko)
flip d/a.ko 70
touch -d "@$before" d/a.ko
check "same size and time, other bytes"

cp -p d/a.ko keep
make_module new 'module A.ko'
touch -r d/b.ko new
mv new d/b.ko
check "replaced by a file of the same size and time"

make_module d/aa.ko
check "positions moved"
rm d/aa.ko
check "positions moved back"
mv d/a.ko x
mv d/b.ko d/a.ko
mv x d/b.ko
check "two modules exchanged"

run attach d -q
check "proofs attached"
run detach d -q
check "proofs detached"

# Two names of one file are two modules: both come from the cache, which stays as it is.
ln d/a.ko d/linked.ko
sleep 4.1
check "hard link"
inode=$(stat -c %i modules.merkle.cache)
check "hard link again"
[ "$(stat -c %i modules.merkle.cache)" = "$inode" ] || fail "the cache was written for nothing"
rm d/linked.ko

# Of a strip program of several words each may be what strips.
if command -v as >/dev/null; then
  make_debug_module s/a.ko
  echo 'strip "$@"' >strip.sh
  sleep 4.1
  run tree s -q --variant strip --strip-program 'sh strip.sh' -o s.merkle
  expect 0 '' ''
  [ -e s.merkle.cache ] || fail "no cache of stripped modules"
  echo 'strip --strip-all "$@"' >strip.sh
  run tree s -q --variant strip --strip-program 'sh strip.sh' -o s.merkle
  expect 0 '' ''
  run tree s -q --variant strip --strip-program 'sh strip.sh' -o fresh --no-cache
  expect 0 '' ''
  expect_same_bytes s.merkle fresh
fi

# A cache that is damaged, cut, of another kind or unreadable counts as absent.
flip modules.merkle.cache 60
check "damaged cache"
truncate -s 30 modules.merkle.cache
check "cut cache"
: >modules.merkle.cache
check "empty cache"
rm modules.merkle.cache
mkdir modules.merkle.cache
check "directory in place of the cache"
rmdir modules.merkle.cache
mkfifo modules.merkle.cache
check "FIFO in place of the cache"
rm modules.merkle.cache

# What is refused without a cache is refused with one.
run tree other -q --any-file -o other.merkle
expect_status 0
run tree other -q -o other.merkle
expect 2 '' 'modproof: other/text.ko: offset 0: not an ELF file'
