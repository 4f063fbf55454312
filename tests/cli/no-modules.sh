#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A directory or a list without modules is most likely a mistake, and not work well done. Only a build
# without modules is: its tree is empty, and there is nothing to attach.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a
modproof seal d -q -o some.merkle
make_vmlinux vmlinux
modproof patch vmlinux -q -t some.merkle
mkdir empty
: >list
note_state
for command in 'seal empty' 'seal empty -n' 'seal empty --kernel vmlinux' 'detach empty' \
  'attach empty -t some.merkle' 'attach empty -n -t some.merkle'; do
  # shellcheck disable=SC2086  # words
  run $command
  expect 2 '' 'modproof: empty: no modules in this directory'
done
for command in 'seal -o some.merkle' detach 'attach -t some.merkle'; do
  # shellcheck disable=SC2086  # words
  run $command --files-from list
  expect 2 '' 'modproof: no modules were found'
done
run detach empty --json
expect_status 2
expect_json .errors[0].kind missing .errors[0].path empty
expect_nothing_changed

: >modules.order
run tree -q
expect 0 '' ''
run attach --files-from list -q
expect 0 '' ''
run attach empty
expect 0 '0 modules' ''
run attach --files-from list -t none
expect_status 2
