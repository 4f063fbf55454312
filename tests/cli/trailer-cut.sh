#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A sealed module cut off at every byte: each command says what it is, none crashes, none changes it.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a b c
modproof seal d -q -o tree
root=$(root_of tree)
size=$(stat -c %s d/b.ko)
payload=$((size - 108))
mkdir cut
for ((length = 0; length < size; length++)); do
  head -c $length d/b.ko >"cut/$(printf 'c%04d' $length).ko"
done
printf x | cat d/b.ko - >cut/longer.ko
note_state

run verify cut -r "$root" -q
expect_status 1
grep -v ': no-trailer: the module carries no proof$' "$scratch/out/stdout" >"$scratch/out/rest" &&
  fail "another reason: $(head -n 3 "$scratch/out/rest")"
[ "$(wc -l <"$scratch/out/stdout")" -eq $((size + 1)) ] || fail "not every one was refused"
run detach cut
expect 0 "$((size + 1)) modules: $((size + 1)) unchanged" ''
run attach cut -t tree -q
expect_status 1
expect_nothing_changed
run explain cut -t tree -q
expect_status 1
run info cut/*.ko
expect_status 2
# What is cut to the payload exactly is the module as it was.
cp "cut/$(printf 'c%04d' $payload).ko" b.ko
run attach b.ko -t tree
expect 0 '1 module: 1 attached' ''
expect_same_bytes b.ko d/b.ko
