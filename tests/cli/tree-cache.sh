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
