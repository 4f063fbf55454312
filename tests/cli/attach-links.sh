#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A symbolic link stays a link, and the file behind it is replaced. Of a file with several hard links
# only the one that is named is replaced; the others keep the old bytes.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules store a b
mkdir d
ln -s ../store/a.ko d/a.ko
cp -p store/b.ko original.ko
ln store/b.ko d/b.ko
modproof tree d -q

run attach d
expect 0 '2 modules: 2 attached' ''
[ "$(readlink d/a.ko)" = ../store/a.ko ] || fail "the link changed"
run verify d store/a.ko -t modules.merkle -q --allow-missing
expect 0 '' ''
expect_same_bytes original.ko store/b.ko
[ "$(stat -c %h store/b.ko)" -eq 1 ] || fail "still two links"
run detach d -q
[ -L d/a.ko ] || fail "the link is gone"
expect_same_bytes d/b.ko original.ko

# A link that leads nowhere is an error of that module only.
ln -s nowhere d/c.ko
run attach d
expect_status 2
expect_stdout '3 modules: 2 attached, 1 failed'
expect_stderr 'modproof: d/c.ko: cannot open: No such file or directory'
run verify d -t modules.merkle
expect_status 2
expect_stderr 'modproof: d/c.ko: cannot open: No such file or directory'
expect_match stdout '^3 modules: 2 accepted, 0 refused, 1 not checked '

# A link to a directory is not followed inside a directory (and that is said), but is where it is
# named.
rm d/c.ko
ln -s ../more d/more
make_modules more x
run detach d
expect 0 '2 modules: 2 detached' \
  'modproof: d/more: is a symbolic link to a directory and was not followed; name the directory if it holds modules'
run detach d/more
expect 0 '1 module: 1 unchanged' ''
