#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A file is replaced by a rename, which would put a plain file in the place of /dev/null or of a
# FIFO: outputs are written over regular files only.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a
make_vmlinux vmlinux
mkfifo fifo
mkdir directory
ln -s fifo link
ln -s missing dangling
targets=(fifo directory link dangling)
if [ "$(id -u)" -eq 0 ] && mknod null c 1 3 2>/dev/null; then
  targets+=(null)
fi
modproof tree d -q -o good
for target in "${targets[@]}"; do
  note_state
  run tree d -o "$target"
  expect_status 2
  expect_match stderr "^modproof: $target: "
  run seal d -o "$target"
  expect_status 2
  run patch vmlinux -t good -o "$target"
  expect_status 2
  expect_nothing_changed
done
run tree d -o fifo
expect 2 '' 'modproof: fifo: is a FIFO, not a regular file'
run tree d -o directory
expect 2 '' 'modproof: directory: is a directory, not a regular file'

# A link to a regular file stays a link.
ln -s real link-to-file
touch real
run tree d -q -o link-to-file
expect_status 0
[ -L link-to-file ] || fail "the link is gone"
expect_same_bytes real good
# No directory to write into.
run tree d -o missing/tree
expect 2 '' 'modproof: missing/tree: cannot create a new file beside it: No such file or directory'
