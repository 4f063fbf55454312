#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# patch writes the 36 bytes of the root, in the byte order of the kernel, and no other byte, for
# kernels of both classes and both byte orders.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a b c
modproof tree d -q
root=$(root_of modules.merkle)
hash=$(od -An -v -tx1 -j 24 -N 32 modules.merkle | tr -d ' \n')

for bits in 32 64; do
  for order in little big; do
    kernel=vmlinux-$bits-$order
    make_vmlinux $kernel --bits $bits --order $order --offset 1040
    make_vmlinux expected --bits $bits --order $order --offset 1040 --levels 2 --hash "$hash"
    inode=$(stat -c %i $kernel)
    run patch $kernel
    expect 0 "$kernel: root $root" ''
    expect_same_bytes $kernel expected
    [ "$(stat -c %i $kernel)" = "$inode" ] || fail "not in place"
    run info --json $kernel
    expect_json .files[0].type kernel .files[0].byte_order $order .files[0].root "$root" \
      .files[0].root_offset 1040
  done
done

# A root on the command line instead of a tree file.
other=sha256:7:$(printf 'AB%.0s' {1..32})
run patch vmlinux-64-little --root "$other" --json
expect_status 0
expect_json .changed true .before "$root" .root "${other,,}"
run info --json vmlinux-64-little
expect_json .files[0].root "${other,,}"
