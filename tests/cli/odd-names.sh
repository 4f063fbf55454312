#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Names of any bytes: one message stays one line, nothing reaches the terminal that could act on it,
# and JSON is valid UTF-8.
# shellcheck disable=SC2016  # names that look like expansions
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

odd=('with space' 'quote"' "apostrophe'" 'back\slash' $'new\nline' $'tab\t' $'escape\e[31m' 'ünïcode'
  $'not-utf8-\xff\xfe' '-dash' '$(dollar)' '*' 'a.b.c' '%s%n' '{}')
make_modules 'odd dir' "${odd[@]}"
count=${#odd[@]}

run seal 'odd dir'
expect_status 0
root=$(root_of 'odd dir/modules.merkle')
expect_stdout "$count modules: $count attached
odd dir/modules.merkle: $count modules, root $root"
run verify 'odd dir' -r "$root" -v
expect_status 0
[ "$(wc -l <"$scratch/out/stdout")" -eq $((count + 1)) ] || {
  show_run
  fail "not one line a module"
}
grep -q $'\e\|\r\|\t' "$scratch/out/stdout" && fail "control characters"
expect_match stdout '^odd dir/new\\x0aline\.ko: accepted$'
expect_match stdout '^odd dir/escape\\x1b\[31m\.ko: accepted$'
expect_match stdout '^odd dir/not-utf8-\\xff\\xfe\.ko: accepted$'
expect_match stdout '^odd dir/back\\x5cslash\.ko: accepted$'
expect_match stdout '^odd dir/ünïcode\.ko: accepted$'

# Each command gives JSON that can be read.
cd 'odd dir'
files=("${odd[@]/%/.ko}")
for command in "verify --tree modules.merkle" "explain --tree modules.merkle" attach detach attach info; do
  # shellcheck disable=SC2086  # words
  run $command --json -- "${files[@]}"
  expect_status 0
  expect_json .schema_version 1 .status ok
done
run info --json -- "${files[@]/#/missing }"
expect_status 2
expect_json .errors[0].kind io
[ "$(wc -l <"$scratch/out/stderr")" -eq "$count" ] || fail "not one line for each message"
run verify --json --tree modules.merkle -- $'new\nline.ko'
expect_json .modules[0].path $'new\nline.ko' .modules[0].name $'new\nline'
run info --json -v modules.merkle
expect_status 0
expect_json .files[0].modules "$count"

# So is a message about an option or command that does not exist.
run $'fro\e[31mb'
expect_status 2
grep -q $'\e' "$scratch/out/stderr" && fail "control characters in a message"
run verify $'--fro\e[31mb'
expect_status 2
if grep -q $'\e' "$scratch/out/stderr"; then fail "control characters in a message"; fi
