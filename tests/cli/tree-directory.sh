#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# tree DIR takes the modules below DIR: those of its modules.order first, then all others, sorted by
# path; with no modules.order all are sorted by path. What modules.order lists in vain is noted.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

names_in() {
  modproof info -v "$1" | awk '$1 ~ /^[0-9]+$/ {print $4}' | paste -sd ' '
}

make_modules d/kernel/b b1 b2
make_modules d/kernel c
make_modules d/kernel/a a1
make_modules d/updates u
touch d/kernel/readme d/kernel/x.ko.bak d/modules.dep
mkdir d/kernel/directory.ko
ln -s /lib/modules d/build
run tree d
expect_status 0
expect_stderr ''
[ "$(names_in modules.merkle)" = 'a1 b1 b2 c u' ] || fail "order: $(names_in modules.merkle)"

printf 'kernel/c.ko\nkernel/gone.ko\nkernel/b/b2.ko\n' >d/modules.order
for directory in d d/ "$PWD/d" ./d; do
  run tree "$directory"
  expect_status 0
  expect_stderr "modproof: $directory: left out 1 module that modules.order lists but that cannot be found, ${directory%/}/kernel/gone.ko the first"
  [ "$(names_in modules.merkle)" = 'c b2 a1 b1 u' ] || fail "order: $(names_in modules.merkle)"
done
run tree d -q
expect 0 '' ''

# A directory that nobody may read is an error with its name, not a tree with fewer modules.
run tree missing
expect 2 '' 'modproof: missing: cannot open: No such file or directory'
