#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# attest --compared: `reproduced` is only said of modules, root and kernel that were all compared; what
# is less has another name and does not count.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_program ssh-keygen

make_modules d a b c
modproof seal d -q
make_vmlinux d/vmlinux
modproof manifest d -q -o my.manifest
root=$(root_of d/modules.merkle)
cp d/vmlinux .
files=(my.manifest vmlinux)
mkdir keys
ssh-keygen -q -t ed25519 -N '' -f bob
mv bob.pub keys
bob=$(ssh-keygen -lf keys/bob.pub | cut -d' ' -f2)

# attest REPORT VERDICT: an envelope with this verdict.
attest() {
  run attest --ssh-key bob --compared "$1" -o "$1.json" "${files[@]}"
  expect 0 "$1.json: root $root and 2 files, $2" ''
}
# refused REPORT REASON: it does not count, whatever the threshold.
refused() {
  run attest --check "$1.json" --keys keys "${files[@]}"
  expect 1 "$1.json: does not count: $2
no root is attested by more keys than any other: refused" ''
  run attest --check "$1.json" --keys keys --threshold 1 "${files[@]}"
  expect_status 1
}

cp -r d e
modproof diff --json d e >all
attest all reproduced
run attest --check all.json --keys keys "${files[@]}"
expect 0 "all.json: reproduced, signed by SSH $bob
1 key, root $root, 2 files compared: accepted" ''

# A manifest holds no kernel, so that nobody compared the one that is attested.
modproof diff --json my.manifest e >modules
attest modules modules-reproduced
refused modules 'it says that the modules were reproduced, and the kernels not compared (see --modules-only)'
run attest --check modules.json --keys keys --modules-only "${files[@]}"
expect 0 "modules.json: modules-reproduced, signed by SSH $bob
1 key, root $root, 2 files compared: accepted" ''
run attest --check modules.json all.json --keys keys --modules-only "${files[@]}" --json
expect_json '.envelopes[0].verdict' modules-reproduced '.envelopes[1].verdict' reproduced .accepted true

modproof diff --json --ignore-signatures d e >ignoring
attest ignoring partly-reproduced
refused ignoring 'it says that the builds were the same but for signatures'
run attest --check ignoring.json --keys keys --modules-only "${files[@]}"
expect_status 1
cp -r d signed
modproof detach -q signed
/usr/bin/python3 "$here/make_pkcs7.py" signed/b.ko
modproof seal signed -q
modproof diff --json --ignore-signatures d signed >other-root
attest other-root partly-reproduced
refused other-root 'it says that the builds were the same but for signatures'

flip e/b.ko 70
modproof diff --json my.manifest e >different || true
attest different different
refused different 'it says that the builds were different'
cp -r d kernel
flip kernel/vmlinux 600
modproof diff --json d kernel >kernels || true
attest kernels different
refused kernels 'it says that the builds were different'

# Reports that contradict themselves, and one about other builds.
# contradiction PYTHON MESSAGE
contradiction() {
  /usr/bin/python3 -c 'import json, sys
r = json.load(open("all"))
exec(sys.argv[1])
json.dump(r, open("lie", "w"))' "$1"
  run attest --ssh-key bob --compared lie "${files[@]}"
  expect 2 '' "modproof: lie: $2"
}
contradiction 'r["counts"]["different"] = 9' "'same' contradicts 'different' in 'counts'"
contradiction 'r["same_root"] = False' "'same_root' contradicts 'root_a' and 'root_b'"
contradiction 'r["same"] = False; r["kernels_compared"] = False' "'same' is false, and nothing differs"
modproof diff --json e e >elsewhere
run attest --ssh-key bob --compared elsewhere "${files[@]}"
expect_status 2
expect_match stderr '^modproof: elsewhere: it compares other builds'
