#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# tree reads modules.order in the current directory, hashes the .ko file beside each line and writes
# modules.merkle; lines of a build tree end in .o, those of an installed one in .ko.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules . zeta
make_modules drivers/net alpha beta
printf 'drivers/net/beta.o\nzeta.o\ndrivers/net/alpha.o\n' >modules.order

run tree
root=$(root_of modules.merkle)
expect 0 "modules.merkle: 3 modules, 3 leaves, root $root" ''
run info -v modules.merkle
expect_status 0
[ "$(awk '$1 ~ /^[0-9]+$/ {print $1, $4}' "$scratch/out/stdout")" = '0 beta
1 zeta
2 alpha' ] || fail "not in the order of modules.order"

# The same with .ko, from elsewhere, by name of the file or of the directory: the same bytes.
cp modules.merkle expected
sed -i 's/\.o$/.ko/' modules.order
run tree modules.order -o by-name
expect_status 0
expect_same_bytes expected by-name
run tree . -o by-dot
expect 0 "by-dot: 3 modules, 3 leaves, root $root" ''
expect_same_bytes expected by-dot
run tree "$PWD" -o by-path
expect_same_bytes expected by-path
mkdir elsewhere
cd elsewhere
run tree ../modules.order
expect_status 0
expect_same_bytes ../expected modules.merkle
run tree .. -o from-below
expect_status 0
expect_same_bytes ../expected from-below
cd ..

# No modules at all: a root of zeros.
: >empty.order
run tree empty.order -o empty
expect 0 "empty: 0 modules, 0 leaves, root sha256:0:$(printf '0%.0s' {1..64})" ''
# No modules.order.
rm modules.order
run tree
expect 2 '' 'modproof: modules.order: cannot open: No such file or directory'
