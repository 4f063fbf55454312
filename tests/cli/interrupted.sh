#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Ctrl-C and its like: the tool stops soon, dies of that very signal (so that a shell or make stops,
# too), leaves every module old or new and no files of its own; run again, it finishes.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_program timeout

mkdir old
head -c 500000 /dev/zero >block
for ((i = 10; i < 50; i++)); do
  make_module old/m$i.ko
  cat block >>old/m$i.ko
done
seal_copy old new
cp -r old d

# timeout(1) sends the signal twice, to the tool and to the whole group: that is one request, and the
# second must not cut short what the first began.
died=0
interrupt() { # SIGNAL NUMBER SECONDS COMMAND...
  local signal=$1 number=$2 delay=$3
  shift 3
  run_stopped "$signal" "$delay" "$@"
  case $status in
    0) ;; # it was faster
    $((128 + number)))
      died=$((died + 1))
      # Nothing is said if the signal came before the tool had begun.
      [ ! -s "$scratch/out/stderr" ] || expect_stderr 'modproof: interrupted'
      ;;
    *)
      show_run
      fail "exit status $status after $signal"
      ;;
  esac
  expect_old_or_new d old new >/dev/null
  expect_no_temporary_files d
}

for delay in 0.02 0.06; do
  interrupt INT 2 $delay attach d --no-sync
  interrupt TERM 15 $delay detach d --no-sync
  interrupt HUP 1 $delay seal d -o seal.merkle
  rm -f seal.merkle
  interrupt TERM 15 $delay verify new -r "$root"
  interrupt INT 2 $delay tree d --no-cache -o other
  rm -f other
done
[ $died -gt 0 ] || echo "note: this machine was faster than every signal"

modproof attach d -q --no-sync
[ "$(expect_old_or_new d old new)" -eq 40 ] || fail "not finished"

# strip is not left behind, nor is its directory.
if command -v strip >/dev/null; then
  printf '#!/bin/sh\nsleep 0.05\nexec strip "$@"\n' >slow-strip
  chmod 755 slow-strip
  mkdir tmp
  TMPDIR=$PWD/tmp run_stopped TERM 0.15 tree old --variant strip \
    --strip-program "$PWD/slow-strip" -o other --no-cache -j2
  [ $status -eq 143 ] || [ $status -eq 0 ] || [ $status -eq 2 ] || fail "exit status $status"
  [ -z "$(ls -A tmp)" ] || fail "left behind: $(ls -A tmp)"
fi

# A signal that the caller ignores (nohup, a background job of a script) does nothing.
modproof detach d -q --no-sync
trap '' HUP # before it starts, which can take longer than the signal
"$MODPROOF" attach d -q --no-sync &
child=$!
trap - HUP
sleep 0.03
kill -HUP $child 2>/dev/null || true
wait $child || fail "exit status $? after an ignored signal"
[ "$(expect_old_or_new d old new)" -eq 40 ] || fail "stopped by an ignored signal"

# Whoever asked for JSON gets a document even then.
run_stopped TERM 0.03 detach d --json
# (A signal that comes when all is done is too late for the document, not for the exit status.)
if [ $status -eq 143 ] && grep -q '"exit_status": 2' "$scratch/out/stdout"; then
  expect_json .status error .errors[0].kind interrupted
fi
