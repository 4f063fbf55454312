#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Packages are checked as they are: every module in them, against the kernel of its version.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

package() {
  /usr/bin/python3 -B "$here/make_package.py" "$@"
}

# make_root DIR VERSION MODULE...: a root file system with a kernel and its modules.
make_root() {
  local modules=$1/lib/modules/$2
  local name=$1/boot/vmlinuz-$2
  make_modules "$modules/kernel" "${@:3}"
  make_vmlinux vmlinux
  modproof seal -q --no-sync "$modules" -o "$1.merkle" --kernel vmlinux
  mkdir "$1/boot"
  /usr/bin/python3 "$here/make_image.py" vmlinux "$name" gzip bzimage
  sed -i "s/6\.1\.0-test/$2/" "$name"
}

make_root one 6.1.0-test a b c
xz --check=crc32 one/lib/modules/6.1.0-test/kernel/b.ko
zstd -q --rm one/lib/modules/6.1.0-test/kernel/c.ko
root=$(root_of one.merkle)

# Every kind of package, plain and in every compression; the directory of modules in either place.
for form in deb rpm tar deb:gzip deb:xz deb:zstd rpm:gzip rpm:lzma rpm:xz rpm:zstd tar:bzip2 tar:lzo tar:lz4-frame; do
  package package "$form" one
  run verify package
  expect 0 "3 modules: 3 accepted, 0 refused (root $root of package:boot/vmlinuz-6.1.0-test; kernel 6.1.0-test)" ""
done
if command -v dpkg-deb >/dev/null; then
  cp -r one debian
  mkdir debian/DEBIAN
  printf '%s\n' 'Package: linux-image-test' 'Version: 1' 'Architecture: all' 'Maintainer: nobody' \
    'Description: test' >debian/DEBIAN/control
  dpkg-deb --root-owner-group -b debian package.deb >build.log
  run verify package.deb
  expect_status 0
  expect_match stdout '^3 modules: 3 accepted'
  rm -r debian
fi
mkdir -p arch/usr
cp -r one/lib arch/usr
cp one/boot/vmlinuz-6.1.0-test arch/usr/lib/modules/6.1.0-test/vmlinuz
package linux.pkg.tar.zst tar:zstd arch
run verify -v linux.pkg.tar.zst
expect 0 "linux.pkg.tar.zst:usr/lib/modules/6.1.0-test/kernel/a.ko: accepted
linux.pkg.tar.zst:usr/lib/modules/6.1.0-test/kernel/b.ko.xz: accepted
linux.pkg.tar.zst:usr/lib/modules/6.1.0-test/kernel/c.ko.zst: accepted
3 modules: 3 accepted, 0 refused (root $root of linux.pkg.tar.zst:usr/lib/modules/6.1.0-test/vmlinuz; kernel 6.1.0-test)" ""

# The number of threads changes nothing.
for jobs in 1 2 7; do
  run verify -v -j "$jobs" linux.pkg.tar.zst
  cp "$scratch/out/stdout" "jobs-$jobs"
done
expect_same_bytes jobs-1 jobs-2
expect_same_bytes jobs-1 jobs-7

run info linux.pkg.tar.zst
expect 0 "filename:     linux.pkg.tar.zst
type:         package
format:       tar, zstd
size:         $(stat -c %s linux.pkg.tar.zst)
kernel:       6.1.0-test
modules:      3
image:        usr/lib/modules/6.1.0-test/vmlinuz (bzImage 2.15, gzip, ELF vmlinux, 64 bit)
root:         $root" ""
run info --json linux.pkg.tar.zst
expect_json .files[0].type package .files[0].kernels[0].modules 3 \
  .files[0].kernels[0].images[0].root "$root"

# A wrong byte is found and named; so is a module without a proof.
cp -r one bad
flip bad/lib/modules/6.1.0-test/kernel/a.ko 70
unxz bad/lib/modules/6.1.0-test/kernel/b.ko.xz
modproof detach -q --no-sync bad/lib/modules/6.1.0-test/kernel/b.ko
package bad.deb deb:xz bad
run verify bad.deb
expect_status 1
expect_match stdout '^bad\.deb:lib/modules/6\.1\.0-test/kernel/a\.ko: other-root: '
expect_match stdout '^bad\.deb:lib/modules/6\.1\.0-test/kernel/b\.ko: no-trailer: the module carries no proof$'
expect_match stdout '^3 modules: 1 accepted, 2 refused'
run verify bad.deb -t one.merkle
expect_status 1
expect_match stdout '^bad\.deb:.*/a\.ko: payload-changed: '
expect_match stdout '^bad\.deb:.*/b\.ko: no-trailer: .*whatever made this package took the proof away$'
run explain bad.deb -t one.merkle
expect_status 1
expect_match stdout '^bad\.deb:.*/a\.ko: payload-changed'
expect_match stdout '^  cause: not-attached$'
expect_match stdout '^  to do: .*; then make the package anew$'
expect_match stdout '^3 modules: 1 accepted, 2 refused'
run explain bad.deb --json
expect_status 1
expect_json .kernels[0].version 6.1.0-test .counts.refused 2 .modules[1].cause unknown
run verify one.tar -t one.merkle
expect_status 2
package one.tar tar one
run verify one.tar -t one.merkle
expect_status 0
rm one/lib/modules/6.1.0-test/kernel/c.ko.zst
package less.tar tar one
run verify less.tar -t one.merkle
expect_status 1
expect_match stdout '^c: missing: '
run verify less.tar -t one.merkle --allow-missing
expect_status 0

# Several versions: each against its own kernel, wherever that is. Names may come from standard input.
make_root two 6.1.0-more a b d
mkdir kernel
mv two/boot kernel
package modules.rpm rpm:zstd two
package kernel.rpm rpm:zstd kernel
printf '%s\n' modules.rpm one.tar kernel.rpm >names
run verify - <names
expect_status 0
expect_match stdout '^3 modules: .*\(root .* of kernel\.rpm:boot/vmlinuz-6\.1\.0-more; kernel 6\.1\.0-more\)$'
expect_match stdout "^3 modules: .*\(root $root of one\.tar:boot/vmlinuz-6\.1\.0-test; kernel 6\.1\.0-test\)\$"
run verify --json modules.rpm one.tar kernel.rpm
expect_json .counts.accepted 6 .kernels[0].version 6.1.0-more .kernels[1].version 6.1.0-test

# A version without its kernel is not checked, the others are.
run verify modules.rpm one.tar
expect_status 2
expect_stderr "modproof: no kernel image of version 6.1.0-more with a root that can be told is in these packages; name the package that holds it as well; so 3 modules of version 6.1.0-more cannot be checked, unless --kernel, --root or --tree says against what"
expect_match stdout '^3 modules: 3 accepted'
run explain modules.rpm
expect_status 2
expect_match stderr '^modproof: no kernel image of version 6\.1\.0-more'
for against in "--kernel kernel/boot/vmlinuz-6.1.0-more" "--root $(root_of two.merkle)" "--tree two.merkle"; do
  # shellcheck disable=SC2086  # an option and its value
  run verify modules.rpm $against
  expect_status 0
  # shellcheck disable=SC2086
  run explain modules.rpm $against
  expect_status 0
done
make_vmlinux plain --count 0
mkdir -p none/boot
/usr/bin/python3 "$here/make_image.py" plain none/boot/vmlinuz-6.1.0-more gzip bzimage
sed -i 's/6\.1\.0-test/6.1.0-more/' none/boot/vmlinuz-6.1.0-more
package none.rpm rpm none
run verify modules.rpm none.rpm
expect_status 2
expect_match stderr '^modproof: none\.rpm:boot/vmlinuz-6\.1\.0-more: this kernel has no module hashes'
# A kernel that says it is another one, and two of one version that do not agree.
mv kernel/boot/vmlinuz-6.1.0-more kernel/boot/vmlinuz-6.1.0-less
package odd.rpm rpm kernel
run info odd.rpm
expect_status 2
expect_match stderr '^modproof: odd\.rpm:boot/vmlinuz-6\.1\.0-less: this kernel says that it is of version 6\.1\.0-more$'
mkdir -p other/lib/modules/6.1.0-test
cp vmlinux other/lib/modules/6.1.0-test/vmlinux
printf 'Linux version 6.1.0-test (x)\n' >banner
objcopy --add-section .rodata=banner other/lib/modules/6.1.0-test/vmlinux 2>/dev/null
package other.tar tar other
run verify one.tar other.tar
expect_status 2
expect_match stderr '^modproof: other\.tar:lib/modules/6\.1\.0-test/vmlinux: its root differs from that of one\.tar:boot/vmlinuz-6\.1\.0-test'

# What is below usr/lib/debug is no module, but may be a kernel.
mkdir -p debug/usr/lib/debug/boot debug/usr/lib/debug/lib/modules/6.1.0-more/kernel
make_module debug/usr/lib/debug/lib/modules/6.1.0-more/kernel/a.ko
sed -i 's/-test/-more/' banner
objcopy --add-section .rodata=banner vmlinux debug/usr/lib/debug/boot/vmlinux-6.1.0-more 2>/dev/null
package debug.deb deb:zstd debug
run verify modules.rpm debug.deb
expect_status 0
expect_match stdout '^3 modules: 3 accepted.*debug\.deb:usr/lib/debug/boot/vmlinux-6\.1\.0-more'

# Packages stand alone, are only read, and have to hold a module.
run verify one.tar one/lib
expect_status 2
expect_match stderr '^modproof: one\.tar: packages are checked with their kernels'
run verify one.tar --fix -o fixed -t one.merkle
expect_status 2
mkdir empty
package empty.deb deb:gzip empty file:etc/motd=hello
run verify empty.deb
expect 2 "" "modproof: no module was found in these packages"

# Limits.
package sparse.tar tar one file:lib/modules/6.1.0-test/kernel/z.ko="$(printf '%0300d' 0)"
run verify sparse.tar --max-module-size 290
expect_status 2
expect_match stderr '^modproof: sparse\.tar:lib/modules/6\.1\.0-test/kernel/z\.ko: has 300 bytes, more than the 290'
run verify one.tar --max-kernel-size 1000
expect_status 2
expect_match stderr '^modproof: one\.tar:boot/vmlinuz-6\.1\.0-test: has [0-9]+ bytes, more than the 1000'
