#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every token of make's jobserver goes back, on every way out: success, error, SIGINT, SIGTERM; in the
# form of two descriptors and in that of a FIFO; and descriptors that are something else are not used.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir d
head -c 300000 /dev/zero >block
for ((i = 0; i < 20; i++)); do
  make_module d/m$i.ko
  cat block >>d/m$i.ko
done
modproof tree d -q --no-cache -o tree
root=$(root_of tree)
modproof attach d -q -t tree --no-sync

mkfifo server
exec 8<>server
# Different bytes, because make may tell tokens apart.
give() { printf 'abc' >&8; }
expect_all_back() {
  local tokens
  tokens=$(timeout 1 dd if=server bs=100 count=1 iflag=nonblock status=none | fold -w 1 | sort | tr -d '\n')
  [ "$tokens" = abc ] || {
    show_run
    fail "tokens are now '$tokens'"
  }
}

for auth in 8,8 fifo:$PWD/server; do
  export MAKEFLAGS=" -j4 --jobserver-auth=$auth"
  give
  run verify d -r "$root" -q
  expect 0 '' ''
  expect_all_back
  give
  run verify d missing.ko -r "$root" -q
  expect_status 2
  expect_all_back
  give
  run tree d -o missing/tree
  expect_status 2
  expect_all_back
  for delay in 0.01 0.03; do
    for signal in INT TERM HUP; do
      give
      run_stopped $signal $delay verify d -r "$root" -q
      expect_all_back
    done
    give
    run_stopped INT $delay tree d -o other -q --no-cache
    expect_all_back
  done
  # No token to be had: one thread does the work.
  run verify d -r "$root" -q
  expect 0 '' ''
done

# What make says is not always true: descriptors that are closed, files, or of the wrong direction.
exec 9<block
echo keep >output
exec 7>>output
for auth in 20,21 9,9 7,7 9,7 0,1 x,y 8 -2,-2 99999999999,3 fifo:/nonexistent fifo:"$PWD/block" '' fifo:; do
  export MAKEFLAGS="w -j4 --jobserver-auth=$auth"
  run verify d -r "$root" -q
  expect 0 '' ''
done
[ "$(cat output)" = keep ] || fail "something was written to a file"
# The last one counts, and what follows `--` are variables.
give
export MAKEFLAGS=" -j4 --jobserver-auth=20,21 --jobserver-fds=8,8 -- X=--jobserver-auth=30,31"
run verify d -r "$root" -q
expect 0 '' ''
expect_all_back
