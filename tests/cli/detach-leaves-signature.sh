#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# detach removes the Merkle trailer and nothing else: a PKCS#7 signature below it is part of the
# payload and stays, one above it hides the proof and the file is left alone.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

sign() { # FILE
  /usr/bin/python3 "$here/make_pkcs7.py" "$1"
}

make_modules d below above
sign d/below.ko
cp -r d original
modproof seal d -q
run info d/below.ko
expect_match stdout '^sig_id: *Merkle$'
sign d/above.ko
cp d/above.ko above.ko

run detach d -v
expect 0 'd/above.ko: unchanged
d/below.ko: detached
2 modules: 1 detached, 1 unchanged' ''
expect_same_bytes d/below.ko original/below.ko
expect_same_bytes d/above.ko above.ko
run info d/below.ko
expect_match stdout '^sig_id: *PKCS#7$'
