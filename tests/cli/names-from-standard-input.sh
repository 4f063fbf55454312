#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# `-` and --files-from read names, one a line, or with -0 one before each NUL, so that find(1) can
# choose modules whatever they are called.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a b 'with space' "it's"
make_module $'d/new\nline.ko'
modproof tree d -q
root=$(root_of modules.merkle)

run attach - <<<$'d/a.ko\nd/b.ko'
expect 0 '2 modules: 2 attached' ''
find d -name '*.ko' -print0 >list
run attach --files-from list -0
expect 0 '5 modules: 3 attached, 2 unchanged' ''
run attach -0 - <list
expect 0 '5 modules: 5 unchanged' ''
run attach --null --files-from - <list
expect 0 '5 modules: 5 unchanged' ''
run verify -0 --files-from list -r "$root" -q
expect 0 '' ''
run explain -0 --files-from list -r "$root"
expect_status 0

# Names on the command line and from a file together; blank lines and a missing last newline are
# nothing special; a name given twice is one module.
printf '\nd/b.ko\n\nd/with space.ko\nd/b.ko' >lines
run verify d/a.ko --files-from lines -r "$root" -v
expect 0 "d/a.ko: accepted
d/b.ko: accepted
d/with space.ko: accepted
3 modules: 3 accepted, 0 refused (root $root of the command line)" ''
run detach -0 --files-from list
expect 0 '5 modules: 5 detached' ''

# No names at all is no modules, not the default; that is most likely a mistake.
run verify --files-from /dev/null -r "$root"
expect 2 '' 'modproof: no module to verify was found'
run attach - </dev/null
expect 2 '' 'modproof: no modules were found'

# Lists that cannot be read, and lists of something else.
run verify --files-from missing -r "$root"
expect 2 '' 'modproof: missing: cannot open: No such file or directory'
run verify --files-from d -r "$root"
expect 2 '' 'modproof: d: cannot read: Is a directory'
run verify --files-from list -r "$root" # without -0
expect_status 2
printf 'd/a.ko\r\n' >crlf
run verify --files-from crlf -r "$root"
expect 2 '' 'modproof: d/a.ko\x0d: cannot stat: No such file or directory'
