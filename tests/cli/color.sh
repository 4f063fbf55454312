#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# --color always colours the verdict and nothing else; never and auto without a terminal do not.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a
modproof seal d -q
root=$(root_of d/modules.merkle)
plain="d/a.ko: accepted
1 module: 1 accepted, 0 refused (root $root of d/modules.merkle)"
colored=${plain/: accepted/: $'\e[32maccepted\e[0m'}

run verify d -v -t d/modules.merkle
expect 0 "$plain" ''
run verify d -v -t d/modules.merkle --color auto
expect 0 "$plain" ''
run verify d -v -t d/modules.merkle --color never
expect 0 "$plain" ''
run verify d -v -t d/modules.merkle --color always
expect 0 "$colored" ''
# Asking for it wins over NO_COLOR (no-color.org).
NO_COLOR=1 run verify d -v -t d/modules.merkle --color always
expect 0 "$colored" ''
# JSON has no colours.
run verify d -v -t d/modules.merkle --color always --json
expect_status 0
grep -q $'\e' "$scratch/out/stdout" && fail "colour in JSON"

# On a terminal, auto colours unless NO_COLOR is set to anything.
need_program script
on_terminal() {
  script -qec "$*" /dev/null </dev/null | tr -d '\r'
}
[ "$(on_terminal "'$MODPROOF' verify d -v -t d/modules.merkle")" = "$colored" ] ||
  fail "no colour on a terminal"
[ "$(on_terminal "NO_COLOR=1 '$MODPROOF' verify d -v -t d/modules.merkle")" = "$plain" ] ||
  fail "colour in spite of NO_COLOR"
[ "$(on_terminal "NO_COLOR= '$MODPROOF' verify d -v -t d/modules.merkle")" = "$colored" ] ||
  fail "an empty NO_COLOR counts as unset"
