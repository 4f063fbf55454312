#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A disk that gets full in the middle of attach: every module is whole, old or new; the output says
# which were done; run again when there is space, the command finishes. Space for the next ones that
# comes free when the first are in place is used.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_root "mounting a small file system"

# make_old SIZE: 120 modules of one page each in old, and in new with their proofs.
make_old() {
  rm -rf old new
  for ((i = 100; i < 220; i++)); do
    make_module old/m$i.ko "$(head -c "$1" /dev/zero | tr '\0' x)"
    [ "$(stat -c %s old/m$i.ko)" -le 4096 ] || fail "more than a page"
  done
  seal_copy old new
}

# Space for about 50 more, and with their proofs they have one page each, too: when the first are in
# place there is space for the next ones.
make_old 3000
mount_tmpfs enough 700k
cp -r old enough/d
run attach enough/d -q
expect 0 '' ''
[ "$(expect_old_or_new enough/d old new)" -eq 120 ] || fail "not finished"
run detach enough/d -q
expect 0 '' ''
[ "$(expect_old_or_new enough/d old new)" -eq 0 ] || fail "not finished"

# With their proofs they have two pages each.
make_old 3800
mount_tmpfs small 700k
cp -r old small/d
run attach small/d -v -j1
expect_status 2
attached=$(grep -c ': attached$' "$scratch/out/stdout" || true)
failed=$(grep -c '^modproof: small/d/m[0-9]*\.ko: cannot [a-z ]*: No space left on device$' "$scratch/out/stderr" || true)
[ $((attached + failed)) -eq 120 ] || {
  show_run
  fail "$attached attached and $failed failed of 120"
}
[ "$failed" -gt 0 ] || fail "the disk did not get full"
[ "$attached" -gt 0 ] || fail "nothing was done although there was space"
expect_match stdout "^120 modules: $attached attached, $failed failed\$"
[ "$(expect_old_or_new small/d old new)" -eq "$attached" ] || fail "not those that are said to be done"
expect_no_temporary_files small

# Nothing can be written at all: nothing changes.
head -c 1200000 /dev/zero >small/filler 2>/dev/null || true
before=$(cat small/d/*.ko | sha256sum)
run seal small/d
expect_status 2
run detach small/d
expect_status 2
run tree small/d -o small/new --no-cache
expect_status 2
[ ! -e small/new ] || fail "half a tree file"
[ "$(cat small/d/*.ko | sha256sum)" = "$before" ] || fail "something changed"
expect_no_temporary_files small

# There is space again.
rm small/filler
mount -o remount,size=8m small
run attach small/d -q
expect 0 '' ''
[ "$(expect_old_or_new small/d old new)" -eq 120 ] || fail "not finished"
run verify small/d -r "$root" -q
expect 0 '' ''
