#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# `patch -o` and `verify --fix -o` make a copy of a file that belongs to somebody else: the copy is the
# user's, without set-ID bits. In place the owner has to stay, or nothing is written.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_root 'a file of another user'
need_program setpriv
need_program cpio

make_modules d a b
modproof tree d -q
make_vmlinux vmlinux
cp vmlinux expected
modproof patch expected -q
make_vmlinux across --offset 1000
(cd d && find . | sort | cpio -o -H newc --quiet) >initramfs
chmod 6755 vmlinux initramfs
cp "$MODPROOF" tool
mkdir out
chmod 777 out .
as_nobody() {
  run_program setpriv --reuid=65534 --regid=65534 --clear-groups ./tool "$@"
}

as_nobody patch vmlinux -o out/new -q
expect 0 '' ''
expect_same_bytes out/new expected
[ "$(stat -c '%a %u' out/new)" = '755 65534' ] || fail "mode and owner: $(stat -c '%a %u' out/new)"
as_nobody verify initramfs -t modules.merkle --fix -o out/image -q
expect 0 '' ''
[ "$(stat -c '%a %u' out/image)" = '755 65534' ] || fail "mode and owner: $(stat -c '%a %u' out/image)"

note_state
as_nobody patch across
expect 2 '' 'modproof: across: cannot keep the owner: Operation not permitted'
as_nobody patch across -o ./across
expect_status 2
expect_nothing_changed
