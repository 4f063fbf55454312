#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Standard error that is full or closed never makes the tool crash, and the message of an error never
# lands in a file that happened to get descriptor 2.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a b
modproof tree d -q
note_state

to_full() { "$MODPROOF" "$@" 2>/dev/full; }
to_closed() { "$MODPROOF" "$@" 2>&-; }
all_closed() { "$MODPROOF" "$@" <&- >&- 2>&-; }
for program in to_full to_closed all_closed; do
  for arguments in frobnicate "verify --frobnicate" "info missing.ko" "verify missing.ko -t modules.merkle" \
    "attach missing.ko" "tree missing" "verify --json missing.ko -t modules.merkle"; do
    # shellcheck disable=SC2086  # words
    run_program $program $arguments
    expect_status 2
    expect_nothing_changed
  done
done

# Work is done all the same.
run_program to_closed attach d -v
expect_status 0
run verify d -t modules.merkle -q
expect 0 '' ''
run_program all_closed detach d -q
expect_status 0
modproof attach d -q
run verify d -t modules.merkle -q
expect 0 '' ''
