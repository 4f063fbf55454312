#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# explain -b and -k take the root of the kernel that belongs to the modules, as verify does, and not
# that of the kernel that runs; and it says which.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

version=6.1.0-test # as make_image.py has it
modules=image/lib/modules/$version
make_modules "$modules/kernel" a b
modproof seal -b image -k $version -q
root=$(root_of "$modules/modules.merkle")

run explain -b image
[[ $(<"$scratch/out/stderr") != *openat2* ]] || skip "this kernel has no openat2"
expect 2 '' "modproof: image: no kernel image of version $version with module hashes was found; \
name what to check against with --kernel, --root or --tree"

make_vmlinux vmlinux
modproof patch vmlinux -q -t "$modules/modules.merkle"
mkdir image/boot
/usr/bin/python3 "$here/make_image.py" vmlinux image/boot/vmlinuz-$version xz size bzimage
for options in '' "-k $version"; do
  # shellcheck disable=SC2086  # words
  run explain -b image $options
  expect_status 0
  expect_match stdout "^2 modules: 2 accepted, 0 refused \(root $root of image/boot/vmlinuz-$version\)\$"
done
run explain -b image --json
expect_status 0
expect_json .kernel_root "$root" .root_source image/boot/vmlinuz-$version
run explain -b image -r "$root"
expect_status 0
expect_match stdout '^2 modules: 2 accepted, 0 refused$'
