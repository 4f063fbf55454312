#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every reason for which verify refuses a module, each with its own word, so that scripts can tell
# them apart; the tree file makes the reasons more exact.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d m0 m1 m2 m3 m4
modproof seal d -q -o tree
root=$(root_of tree)
hash=${root##*:}
mkdir bad

reason() { # REASON-WITHOUT-TREE REASON-WITH-TREE: of bad/m1.ko
  run verify bad/m1.ko -r "$root" --json
  expect_status 1
  expect_json .modules[0].reason "$1" .modules[0].name m1 .counts.refused 1
  run verify bad/m1.ko -r "$root" -t tree --json
  expect_status 1
  expect_json .modules[0].reason "$2"
}
# The trailer of a module of this tree (3 levels): 140 bytes, the position in its first four.
payload=$(($(stat -c %s d/m1.ko) - 140))

cp d/m1.ko bad
flip bad/m1.ko 70
reason other-root payload-changed
run verify bad/m1.ko -r "$root" -t tree -q
expect 1 'bad/m1.ko: payload-changed: the proof is intact, the payload is not the one it was made for' ''

cp d/m1.ko bad
flip bad/m1.ko $((payload + 4 + 32 + 5)) # in the sibling of level 1
reason other-root proof-altered
run verify bad/m1.ko -r "$root" -t tree -q
expect 1 'bad/m1.ko: proof-altered: the payload is the one of position 1, but the proof parts from the tree at level 1' ''

cp d/m1.ko bad
flip bad/m1.ko $((payload + 3)) # position 0 instead of 1
reason other-root proof-altered
run verify bad/m1.ko -r "$root" -t tree -q
expect 1 'bad/m1.ko: proof-altered: the proof is that of position 1, but claims position 0' ''

cp d/m1.ko bad
printf '\0\0\0\10' | dd of=bad/m1.ko bs=1 seek=$payload conv=notrunc status=none # position 8
reason position-outside position-outside
run verify bad/m1.ko -r "$root" -q
expect 1 'bad/m1.ko: position-outside: position 8 is outside any tree of 3 levels' ''
cp d/m1.ko bad
printf '\0\0\0\5' | dd of=bad/m1.ko bs=1 seek=$payload conv=notrunc status=none # position 5 of 5 leaves
reason other-root position-outside
run verify bad/m1.ko -r "$root" -t tree -q
expect 1 'bad/m1.ko: position-outside: position 5 is outside the tree, which has 5 leaves' ''

head -c $payload d/m1.ko >bad/m1.ko
reason no-trailer no-trailer
run verify bad/m1.ko -r "$root" -q
expect 1 'bad/m1.ko: no-trailer: the module carries no proof' ''

cp d/m1.ko bad
printf 'signature\0\0\2\0\0\0\0\0\0\0\0\11~Module signature appended~\n' >>bad/m1.ko
reason other-signature other-signature
run verify bad/m1.ko -r "$root" -q
expect 1 'bad/m1.ko: other-signature: the module carries a PKCS#7 signature, but no proof' ''

cp d/m1.ko bad
flip bad/m1.ko $((payload + 100)) # `algo` of the descriptor
reason malformed-trailer malformed-trailer
run verify bad/m1.ko -r "$root" -q
expect 1 "bad/m1.ko: malformed-trailer: offset $((payload + 100)): reserved field of the Merkle trailer is 1, not 0" ''

cp d/m1.ko bad
run verify bad/m1.ko -r "sha256:4:$hash" --json
expect_status 1
expect_json .modules[0].reason proof-length .modules[0].detail 'the proof is for 3 levels, the root has 4'

# A module of another build, and one that this build never had.
make_modules other m1 x1
modproof seal other -q
cp other/m1.ko bad
run verify bad/m1.ko -r "sha256:1:$hash" --json
expect_status 1
expect_json .modules[0].reason other-root .modules[0].leads_to "$(root_of other/modules.merkle)"
make_modules many x1 x2 x3 x4 x5
modproof seal many -q
run verify many/x1.ko -r "$root" -t tree --json
expect_status 1
expect_json .modules[0].reason not-in-tree

# The proof of another module of this build.
head -c $payload d/m1.ko >bad/m1.ko
tail -c 140 d/m2.ko >>bad/m1.ko
reason other-root payload-changed
run verify bad/m1.ko -r "$root" -t tree -q
expect 1 'bad/m1.ko: payload-changed: the proof is that of module m2, not of this one' ''

# Listed in the tree, but not there.
rm d/m3.ko
run verify d -t tree
expect 1 "m3: missing: listed in the tree, but there is no such module
4 modules: 4 accepted, 0 refused, 1 missing (root $root of tree)" ''
run verify d -t tree --allow-missing
expect 0 "4 modules: 4 accepted, 0 refused (root $root of tree)" ''
# Files that are named are just these files.
run verify d/m1.ko -t tree
expect 0 "1 module: 1 accepted, 0 refused (root $root of tree)" ''
