#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Whoever asks for JSON gets one JSON document even of a command line that makes no sense; the
# message stands on standard error as well.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

check() {
  run "$@"
  expect_status 2
  expect_json .schema_version 1 .status error .exit_status 2 .errors[0].kind usage
  expect_match stderr '^modproof: '
}

check --json
check --frobnicate --json
check --format json
check --format=json frobnicate
for command in tree patch attach detach seal verify info explain; do
  check "$command" --json --frobnicate
  check "$command" --frobnicate --format json
  check "$command" --json --color sometimes
done
check attach --json
check detach --json -k 1 name.ko
check seal --json
