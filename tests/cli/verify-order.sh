#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# verify reports every failing module, not the first, in the order of the modules, and ends with one
# line that counts; what could not be checked is neither accepted nor refused.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a b c x e f g h
modproof seal d -q
printf 'h.ko\nc.ko\n' >d/modules.order
for name in h b x f; do
  flip d/$name.ko 70
done
rm d/g.ko
ln -s nowhere d/g.ko
for jobs in 1 2 8; do
  run verify d -t d/modules.merkle -j $jobs
  expect_status 2
  expect_stdout "d/h.ko: payload-changed: the proof is intact, the payload is not the one it was made for
d/b.ko: payload-changed: the proof is intact, the payload is not the one it was made for
d/f.ko: payload-changed: the proof is intact, the payload is not the one it was made for
d/x.ko: payload-changed: the proof is intact, the payload is not the one it was made for
8 modules: 3 accepted, 4 refused, 1 not checked (root $(root_of d/modules.merkle) of d/modules.merkle)"
  expect_stderr 'modproof: d/g.ko: cannot open: No such file or directory'
done
run verify d -t d/modules.merkle --json
expect_status 2
expect_json .status error .counts.accepted 3 .counts.refused 4 .counts.not_checked 1 \
  .modules[0].name h .modules[2].name a .errors[0].path d/g.ko
