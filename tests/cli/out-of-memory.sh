#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Where there is not enough memory the tool says so, as a JSON document if one was asked for.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_program prlimit
limited() {
  run_program prlimit --as=50000000 "$MODPROOF" "$@"
}
limited --version
[ "$status" -eq 0 ] || machine_cannot 'start this build, one with a sanitizer, in so little memory'

truncate -s 60M modules.order
limited tree
expect 2 '' 'modproof: std::bad_alloc'
limited tree --json
expect_status 2
expect_json .status error .errors[0].kind io .errors[0].message std::bad_alloc
[ ! -e modules.merkle ] || fail "a tree file was written"
