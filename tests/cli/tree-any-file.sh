#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Files that are not modules get into a tree with --any-file only.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir d
echo 'just text' >d/text.ko
: >d/empty.ko
note_state

run tree d
expect 2 '' 'modproof: d/empty.ko: offset 0: the file is empty, not a module'
expect_nothing_changed
run tree d/
expect_status 2
rm d/empty.ko
run tree d
expect 2 '' 'modproof: d/text.ko: offset 0: not an ELF file'
: >d/empty.ko
run tree d --any-file
expect 0 "modules.merkle: 2 modules, 2 leaves, root $(root_of modules.merkle)" ''
run attach d
expect 0 '2 modules: 2 attached' ''
run verify d -t modules.merkle -q
expect 0 '' ''
rm modules.merkle*
run detach d -q
run seal d
expect_status 2
run seal d --any-file
expect_status 0
