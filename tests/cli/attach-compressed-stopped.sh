#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A signal or a full disk while compressed modules are written: each is whole, old or new, and run
# again the command finishes.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_program timeout

mkdir old
head -c 60000 /dev/urandom >block
for ((i = 10; i < 40; i++)); do
  make_module old/m$i.ko
  cat block >>old/m$i.ko
  case $((i % 3)) in
    0) gzip -nc ;;
    1) xz --check=crc32 --lzma2=dict=1MiB -c ;;
    2) zstd -qc ;;
  esac <old/m$i.ko >block.new
  mv block.new old/m$i.ko
done
seal_copy old new
# What detach writes; of gzip and zstd other bytes than those of the programs.
cp -r new d
modproof detach d -q --no-sync
cp -r d/. old

interrupt() { # SIGNAL NUMBER SECONDS COMMAND...
  local signal=$1 number=$2 delay=$3
  shift 3
  run_stopped "$signal" "$delay" "$@"
  [ "$status" -eq 0 ] || expect_status $((128 + number))
  expect_old_or_new d old new >/dev/null
  expect_no_temporary_files d
}
for delay in 0.03 0.1 0.3; do
  interrupt INT 2 $delay attach d --no-sync
  interrupt TERM 15 $delay detach d --no-sync
  interrupt HUP 1 $delay seal d -o seal.merkle --no-sync
  rm -f seal.merkle
done
modproof attach d -q --no-sync
[ "$(expect_old_or_new d old new)" -eq 30 ] || fail "not finished"

# One module that takes long to compress: not even that is waited for.
mkdir long
make_module long/x.ko
head -c 20000000 /dev/urandom >>long/x.ko
gzip -n1 long/x.ko && mv long/x.ko.gz long/x.ko
modproof tree long -q -o long.merkle
before=$(sha256sum long/x.ko)
run_stopped INT 0.4 attach long -t long.merkle
[ $status -eq 0 ] || [ "$(sha256sum long/x.ko)" = "$before" ] || fail "changed"
expect_no_temporary_files long

need_root "mounting a small file system"
mount_tmpfs small 2600k
cp -r old small/d
head -c 2600000 /dev/zero >small/filler 2>/dev/null || true
run attach small/d -v -j1
expect_status 2
[ "$(grep -c '^modproof: small/d/m[0-9]*\.ko: cannot [a-z ]*: No space left on device$' "$scratch/out/stderr")" -eq 30 ] || {
  show_run
  fail "not all of 30 failed"
}
[ "$(expect_old_or_new small/d old new)" -eq 0 ] || fail "one was done"
expect_no_temporary_files small
# Space for some at a time is enough.
rm small/filler
run attach small/d -q -j1
expect 0 '' ''
[ "$(expect_old_or_new small/d old new)" -eq 30 ] || fail "not finished"
