#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# diff takes a package, or a directory of packages, on either side.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

package() {
  /usr/bin/python3 -B "$here/make_package.py" "$@"
}

# The same build: a directory, its tree file, and packages of it; the order of modules.order counts.
modules=root/lib/modules/6.1.0-test
make_modules "$modules/kernel" a b c
printf '%s\n' kernel/c.ko kernel/a.ko kernel/b.ko >"$modules/modules.order"
modproof tree "$modules" -q -o a.merkle --no-cache
root=$(root_of a.merkle)
package whole.deb deb:zstd root
mkdir several kernel several-with-text
package several/1.rpm rpm:xz root
mkdir -p kernel/boot
make_vmlinux kernel/boot/vmlinux-6.1.0-test
package several/2.rpm rpm:gzip kernel
echo text >several/README
for other in "$modules" root a.merkle several whole.deb; do
  kernel=
  [ "$other" != several ] || kernel='
vmlinux: not compared: A has none'
  run diff whole.deb "$other"
  expect 0 "same root: $root
3 modules in A, 3 in B: 3 same, 0 different$kernel" ''
  run diff "$other" whole.deb -q
  expect 0 '' ''
done
run diff --json whole.deb several
expect_json .a.kind packages .b.kind packages .a.root "$root" .kernels_compared false

# Modules of two versions below one directory are not one build.
cp -r root twice
cp -r twice/lib/modules/6.1.0-test twice/lib/modules/6.2.0-test
run diff whole.deb twice
expect_status 2
expect_match stderr 'two modules are called a'

# Compressed and with proofs it is the same build.
cp -r root sealed
modproof seal -q --no-sync "sealed/lib/modules/6.1.0-test"
xz --check=crc32 "sealed/lib/modules/6.1.0-test/kernel/a.ko"
package sealed.tar tar sealed
run diff whole.deb sealed.tar
expect_status 0
run diff sealed.tar a.merkle
expect_status 0

# Another byte, a module more, another kernel.
cp -r root other
flip "other/lib/modules/6.1.0-test/kernel/a.ko" 70
make_module "other/lib/modules/6.1.0-test/kernel/d.ko"
package other.tar tar:lz4-frame other
run diff whole.deb other.tar
expect_status 1
expect_match stdout '^3 modules in A, 4 in B: 2 same, 1 different, 1 added'
expect_match stdout '^a: different$'
make_vmlinux kernel/boot/vmlinux-6.1.0-test --levels 1 --hash "$(printf '%064d' 1)"
mkdir changed
package changed/1.rpm rpm root
package changed/2.rpm rpm kernel
run diff several changed
expect_status 1
expect_match stdout '\.module_hashes'

# A signature only.
cp -r root signed
/usr/bin/python3 - "signed/lib/modules/6.1.0-test/kernel/b.ko" <<'END'
import struct, sys
with open(sys.argv[1], "ab") as module:
    body = b"signature"
    module.write(body + b"\0\0\2\0\0\0\0\0" + struct.pack(">I", len(body)) + b"~Module signature appended~\n")
END
package signed.deb deb signed
run diff whole.deb signed.deb
expect_status 1
expect_match stdout 'cause: signature'
run diff --ignore-signatures whole.deb signed.deb
expect_status 0

# What is no build.
cp -r root two
cp -r two/lib/modules/6.1.0-test two/lib/modules/6.1.0-more
package two.tar tar two
run diff two.tar whole.deb
expect_status 2
expect_stderr 'modproof: two.tar: holds modules of several kernel versions, and a build has one: 6.1.0-more, 6.1.0-test'
mkdir empty
package empty.tar tar empty file:etc/motd=hello
run diff empty.tar whole.deb
expect_status 2
expect_stderr 'modproof: empty.tar: neither modules nor a kernel image in this package'
run diff several-with-text whole.deb
expect_status 2
expect_stderr 'modproof: several-with-text: neither modules nor a vmlinux nor packages in this directory'
cp whole.deb several/3.deb
run diff several whole.deb
expect_status 2
expect_match stderr 'lib/modules/6\.1\.0-test/kernel/a\.ko is the same file of another package'
head -c 3000 sealed.tar >cut.tar
run diff cut.tar whole.deb
expect_status 2
expect_match stderr '^modproof: cut\.tar: its tar archive is broken'
