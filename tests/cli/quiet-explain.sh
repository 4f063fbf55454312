#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# explain -q says nothing of a module that is accepted, like verify.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a b
modproof seal d -q
flip d/b.ko 70

run explain d/a.ko -t d/modules.merkle -q
expect 0 '' ''
run explain d -t d/modules.merkle -q
expect_status 1
grep -q '^d/a.ko' "$scratch/out/stdout" && fail "an accepted module with -q"
expect_match stdout '^d/b.ko: payload-changed'
