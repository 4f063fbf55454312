#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A file that changes or gets shorter while it is read: detected, said, and no output from a mixture
# of old and new bytes; never a crash.
# shellcheck disable=SC2016  # a script is written
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_program truncate

size=150000000
fresh() {
  rm -rf d
  make_module d/big.ko
  truncate -s $size d/big.ko
}
# disturb SCRIPT COMMAND...: starts the command, then runs SCRIPT. Says nothing of a command that was
# done before; the file is made so large that this is rare.
seen=0
disturb() {
  local script=$1
  shift
  fresh
  status=0
  command_line="$* (while: $script)"
  "$MODPROOF" "$@" >"$scratch/out/stdout" 2>"$scratch/out/stderr" &
  local child=$!
  sleep 0.03
  if kill -0 $child 2>/dev/null; then
    bash -c "$script"
  fi
  wait $child || status=$?
  case $status in
    0 | 1) ;;
    2)
      # On a slow machine the change can come before the tool opens the file, or looks for it: then
      # it is broken or gone from the beginning.
      expect_match stderr '^modproof: (d/big\.ko: .*(try again$|is empty|cut off|cannot open)|d: no modules)'
      ! grep -q 'try again$' "$scratch/out/stderr" || seen=$((seen + 1))
      ;;
    *)
      show_run
      fail "exit status $status"
      ;;
  esac
  expect_no_temporary_files d
}

disturb 'truncate -s 70000000 d/big.ko' tree d -o tree --no-cache
disturb 'truncate -s 0 d/big.ko' tree d -o tree --no-cache
disturb 'echo more >>d/big.ko' tree d -o tree --no-cache
disturb 'printf x | dd of=d/big.ko bs=1 seek=100 conv=notrunc status=none' tree d -o tree --no-cache
disturb 'truncate -s 100 d/big.ko' seal d -o tree
disturb 'echo more >>d/big.ko' seal d -o tree
fresh
modproof tree d -o good -q --no-cache
disturb 'truncate -s 100 d/big.ko' attach d -t good
disturb 'mv d/big.ko d/gone' attach d -t good
disturb 'touch d/big.ko' attach d -t good
[ $seen -gt 0 ] || echo "note: this machine was faster than every change"

# The same without luck: the strip program changes the module that it is given.
make_module m/a.ko
printf '#!/bin/sh\nfor file; do :; done\necho more >>"$file"\nexec cp "$file" "$3"\n' >bad-strip
chmod 755 bad-strip
run tree m --variant strip --strip-program "$PWD/bad-strip" -o tree2 --no-cache
expect 2 '' 'modproof: m/a.ko: the file changed while it was read; try again'
[ ! -e tree2 ] || fail "a tree file was written"
