#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# verify without names finds modules and kernel by itself: those of this system, with -b those of a
# mounted one, wherever a distribution keeps them; and it says what it found.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

version=6.1.0-test # as make_image.py has it
modules=image/lib/modules/$version
make_modules "$modules/kernel" a b
modproof seal -b image -k $version -q
root=$(root_of "$modules/modules.merkle")
make_vmlinux vmlinux
modproof patch vmlinux -q -t "$modules/modules.merkle"
/usr/bin/python3 "$here/make_image.py" vmlinux vmlinuz xz size bzimage
make_vmlinux other
/usr/bin/python3 "$here/make_image.py" other other-vmlinuz xz size bzimage

run verify -b image
[[ $(<"$scratch/out/stderr") != *openat2* ]] || machine_cannot "look inside of a directory only (openat2)"
expect 2 '' "modproof: image: no kernel image of version $version with module hashes was found; \
name what to check against with --kernel, --root or --tree"
run verify -b image --json
expect_json .errors[0].kind missing

# Each convention by itself.
echo linux-lts >"$modules/pkgbase"
machine=0123456789abcdef0123456789abcdef
mkdir -p image/etc/kernel && echo $machine >image/etc/machine-id
echo appliance >image/etc/kernel/entry-token
for place in boot/vmlinuz-$version boot/vmlinux-$version boot/vmlinuz-linux-lts lib/modules/$version/vmlinuz \
  lib/modules/$version/vmlinux {boot,efi,boot/efi}/{appliance,$machine}/$version/linux \
  {boot,efi,boot/efi}/EFI/Linux/{fedora-$version,fedora-$version+3,fedora-$version+2-1}.efi \
  boot/EFI/Linux/linux-$version-$machine{,-f39}.efi; do
  mkdir -p "$(dirname "image/$place")"
  layers=()
  [[ $place != *.efi ]] || layers=(uki)
  /usr/bin/python3 "$here/make_image.py" vmlinuz "image/$place" "${layers[@]}"
  run verify -b image
  expect 0 "2 modules: 2 accepted, 0 refused (root $root of image/$place; modules in $modules)" ''
  rm "image/$place"
done

cp vmlinuz image/boot/vmlinuz-$version
run verify -b image --json
expect_status 0
expect_json .root_source image/boot/vmlinuz-$version .modules_directory $modules
# A root that is named is the one that counts, a tree file as well; names of modules need one.
run verify -b image -r "$root"
expect 0 "2 modules: 2 accepted, 0 refused (root $root of the command line; modules in $modules)" ''
run verify -b image -t "$modules/modules.merkle" -q
expect 0 '' ''
run verify -b image "$modules"
expect_status 2
cp other-vmlinuz image/boot/vmlinuz-$version
run verify -b image -q
expect_status 1

# An image of another version does not belong to these modules.
make_modules image/lib/modules/6.1.0/kernel a
cp vmlinuz image/boot/vmlinuz-6.1.0
run verify -b image -k 6.1.0
expect 2 '' "modproof: image/boot/vmlinuz-6.1.0: passed over: it is of version $version
modproof: image: no kernel image of version 6.1.0 with module hashes was found; \
name what to check against with --kernel, --root or --tree"

# Of several versions none is guessed.
run verify -b image
expect 2 '' "modproof: image: modules of several kernel versions are installed; \
choose one with -k: 6.1.0, $version"
run verify -b image -k $version -q
expect_status 1
rm -r image/lib/modules/6.1.0
run verify -b image -k ../modules
expect 2 '' 'modproof: ../modules is no version of a kernel'

# Modules in /lib/modules and, in another directory, in /usr/lib/modules: none goes unseen.
make_modules image/usr/lib/modules/$version/kernel unseen
for command in verify detach; do
  run $command -b image
  expect 2 '' "modproof: $modules: modules of this kernel version are installed in \
image/usr/lib/modules/$version as well, another directory, and none may go unseen; name the \
directories instead"
done
cp vmlinuz image/boot/vmlinuz-$version
run verify "$modules" image/usr/lib/modules/$version --kernel vmlinuz
expect_status 1
expect_match stdout '^3 modules: 2 accepted, 1 refused '
rm -r image/usr

# Links do not lead out of the image: not to a kernel, not to modules.
cp vmlinuz "$scratch/outside"
ln -sf "$scratch/outside" image/boot/vmlinuz-$version
run verify -b image
expect_status 2
ln -sf /boot/real image/boot/vmlinuz-$version
cp vmlinuz image/boot/real
run verify -b image
expect 0 "2 modules: 2 accepted, 0 refused (root $root of image/boot/real; modules in $modules)" ''
mv "$modules/kernel/a.ko" "$scratch/a.ko"
ln -s "$scratch/a.ko" "$modules/kernel/a.ko"
run verify -b image
expect 2 '' "modproof: $modules/kernel/a.ko: leads to nothing in the file system below image"

# This system: the running kernel has no module hashes here, so it is said and an image looked for.
release=$(uname -r)
if [ -d /sys/kernel ] && [ ! -e /sys/kernel/module_hashes ] && [ -d "/lib/modules/$release" ]; then
  run verify
  expect_match stderr '^modproof: /sys/kernel/module_hashes: the running kernel has no module hashes'
fi
