#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# --version prints one line and reads nothing else.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

run --version
expect_status 0
expect_stderr ''
expect_match stdout '^modproof [0-9]+\.[0-9]+\.[0-9]+$'
[ "$(wc -l <"$scratch/out/stdout")" -eq 1 ] || fail "more than one line"
