#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A file that would become larger than `ulimit -f` allows is an error of writing and nothing is left
# behind; the tool does not die of SIGXFSZ.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_program prlimit

make_modules d a b
head -c 100000 /dev/zero >>d/b.ko
modproof tree d -q
note_state
run_program prlimit --fsize=50000 "$MODPROOF" attach d/b.ko
expect 2 '1 module: 1 failed' 'modproof: d/b.ko: cannot write: File too large'
expect_nothing_changed
run_program prlimit --fsize=50 "$MODPROOF" tree d -o new --no-cache
expect 2 '' 'modproof: new: cannot write: File too large'
expect_nothing_changed
