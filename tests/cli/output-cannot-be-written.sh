#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Output that cannot be written is a failure: status 2, whatever the command found, and what the
# command did before is not undone.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a b
modproof tree d -q
root=$(root_of modules.merkle)

to_full() { "$MODPROOF" "$@" >/dev/full; }
run_program to_full verify d -r "$root"
expect 2 '' 'modproof: cannot write to standard output: No space left on device'
run_program to_full verify d -r "$root" --json
expect_status 2
expect_match stderr 'No space left on device'
run_program to_full attach d
expect_status 2
run verify d -r "$root" -q
expect 0 '' ''
for arguments in --help --version "verify --help"; do
  # shellcheck disable=SC2086  # words
  run_program to_full $arguments
  expect_status 2
done
# More than any buffer holds: the write fails in the middle of the work with the output.
mkdir many
for ((i = 0; i < 2000; i++)); do
  printf 'not a module\n' >"many/some-module-with-a-long-name-$i.ko"
done
run_program to_full verify many -r "$root"
expect_status 2
expect_match stderr '^modproof: .*No space left on device$'

to_closed() { "$MODPROOF" "$@" >&-; }
run_program to_closed verify d -r "$root"
expect 2 '' 'modproof: cannot write to standard output: Bad file descriptor'

# Nothing to say, nothing to fail.
run_program to_full verify d -r "$root" -q
expect 0 '' ''
run_program to_closed attach d -q
expect 0 '' ''
run verify d -r "$root" -q
expect 0 '' ''

# A reader that goes away.
set +o pipefail
"$MODPROOF" verify many -r "$root" 2>"$scratch/out/stderr" | true
[ "${PIPESTATUS[0]}" -eq 2 ] || fail "exit status ${PIPESTATUS[0]} with a closed pipe"
