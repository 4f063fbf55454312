#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Progress is shown on a terminal only, on standard error, and is taken away before anything else.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_program script

mkdir d
head -c 1500000 /dev/zero >block
for ((i = 0; i < 60; i++)); do
  make_module "d/m$i.ko"
  cat block >>"d/m$i.ko"
done
modproof seal d -q --no-sync
root=$(root_of d/modules.merkle)

# Not on a terminal: nothing.
run verify d -r "$root" -j1
expect_status 0
expect_stderr ''
# On a terminal: a count, while it takes long enough; with -q never. A slow machine shows it, a fast
# one may be done before; so only the form is checked, and that nothing is left of it.
script -qec "MODPROOF_SHA256=openssl '$MODPROOF' verify d -r $root -j1" /dev/null </dev/null >typescript
tr '\r' '\n' <typescript | sed 's/\x1b\[K//g' | grep -v '^$' >lines
grep -v '^[0-9]*/60 modules$' lines >rest
[ "$(cat rest)" = "60 modules: 60 accepted, 0 refused (root $root of the command line)" ] ||
  fail "on the terminal: $(cat rest)"
if grep -q '/60 modules' lines; then
  tail -c 300 typescript | grep -q $'\r\e\[K' || fail "the count was not taken away"
fi
script -qec "'$MODPROOF' verify d -r $root -j1 -q" /dev/null </dev/null >typescript
[ ! -s typescript ] || fail "with -q: $(cat typescript)"
# Standard error is what counts: data in a file, progress on the terminal.
script -qec "MODPROOF_SHA256=openssl '$MODPROOF' verify d -r $root -j1 >data" /dev/null </dev/null >typescript
[ "$(cat data)" = "60 modules: 60 accepted, 0 refused (root $root of the command line)" ] ||
  fail "data: $(cat data)"
if grep -q accepted typescript; then fail "data on the terminal"; fi
