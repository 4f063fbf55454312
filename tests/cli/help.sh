#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# --help works on every level: on standard output, status 0, no line wider than 80 columns. It reads
# nothing, so it works with the rest of the command line incomplete.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

check_help() {
  run "$@"
  expect_status 0
  expect_stderr ''
  expect_match stdout '^Usage: modproof'
  expect_match stdout '^Exit status: 0 all well, 1 something is refused or different, 2 not done\.$'
  local wide
  wide=$(awk 'length($0) > 80' "$scratch/out/stdout")
  [ -z "$wide" ] || fail "wider than 80 columns: $wide"
}

check_help --help
check_help -h
commands=(tree patch attach detach seal verify info explain diff manifest lint attest)
for command in "${commands[@]}"; do
  check_help "$command" --help
  check_help "$command" -h
  for option in --format --json --quiet --verbose --color; do
    expect_match stdout "(^|[ ,])$option( |\$)"
  done
done

# The list of commands in the help is the list above: a new command has to be added to both.
run --help
listed=$(awk '/^Commands:/ {on = 1; next} /^$/ {on = 0} on {print $1}' "$scratch/out/stdout")
expected=$(printf '%s\n' "${commands[@]}")
[ "$listed" = "$expected" ] || fail "commands in the help: $listed"
