#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A directory, FIFO, socket, device or dangling link in place of a module, kernel or tree file: an
# error with its name, at once (opening a FIFO must not wait for a writer), and nothing else changes.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a
modproof seal d -q -o tree
root=$(root_of tree)
make_vmlinux vmlinux
mkdir s
mkfifo s/fifo.ko
ln -s nowhere s/dangling.ko
ln -s loop.ko s/loop.ko
/usr/bin/python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("s/socket.ko")'
words=(fifo:'is a FIFO, not a regular file' socket:'is a socket, not a regular file'
  dangling:'cannot open: No such file or directory'
  loop:'cannot open: Too many levels of symbolic links')
if [ "$(id -u)" -eq 0 ] && mknod s/device.ko c 1 3 2>/dev/null; then
  words+=(device:'is a device, not a regular file')
fi
note_state

at_once() { run_program timeout 10 "$MODPROOF" "$@"; }
for word in "${words[@]}"; do
  file=s/${word%%:*}.ko
  for command in "verify -r $root" "explain -t tree" "attach -t tree" detach "seal -o new" info "tree -o new --extra"; do
    # shellcheck disable=SC2086  # words
    if [ "${command%% *}" = tree ]; then
      printf '' >empty.order
      at_once tree empty.order -o new --extra "$file"
      rm empty.order
    else
      at_once $command "$file"
    fi
    expect_status 2
    expect_stderr "modproof: $file: ${word#*:}"
  done
  at_once verify d -K "$file"
  expect 2 '' "modproof: $file: ${word#*:}"
  at_once verify d -t "$file"
  expect 2 '' "modproof: $file: ${word#*:}"
  at_once patch "$file" -r "$root"
  expect 2 '' "modproof: $file: ${word#*:}"
  at_once tree "$file"
  expect_status 2
  expect_nothing_changed
done
# A directory that is called like a module is a directory; in place of a listed module it is none.
mkdir s/directory.ko
run verify s/directory.ko -r "$root"
expect 2 '' 'modproof: no module to verify was found'
printf 's/directory.o\n' >modules.order
run tree
expect 2 '' 'modproof: s/directory.ko: is a directory, not a regular file'
# In a directory, every one of them is reported, not the first.
at_once verify s -r "$root"
expect_status 2
[ "$(wc -l <"$scratch/out/stderr")" -eq ${#words[@]} ] || fail "not one message each"
