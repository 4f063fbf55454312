#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# An option whose value is empty is a mistake (most likely of a script with an unset variable), never
# the same as no option: verify --kernel "$KERNEL" must not fall back to another root.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a b
modproof seal d -q
cp d/modules.merkle .
make_vmlinux vmlinux
note_state

refuse() {
  run "$@"
  expect_status 2
  expect_stdout ''
  expect_nothing_changed
}

refuse verify d --tree modules.merkle --kernel ''
refuse verify d --tree modules.merkle --root ''
refuse verify d --root "$(root_of modules.merkle)" --tree ''
refuse verify d --tree modules.merkle -b ''
refuse verify d --tree modules.merkle --files-from ''
refuse verify --tree modules.merkle ''
refuse explain d --tree modules.merkle --kernel ''
refuse patch vmlinux --root ''
refuse patch vmlinux --output ''
refuse patch vmlinux --tree ''
refuse attach d --tree ''
refuse seal d --kernel ''
refuse seal d --output ''
refuse tree d --output ''
refuse tree d --strip-program ''
refuse tree ''
refuse info ''
