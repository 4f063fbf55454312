#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Two commands on the same modules at the same time: a module is old or new at every moment, never
# something between; what one of them finds changed under its hands it reports and leaves alone.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir old
for ((i = 10; i < 40; i++)); do
  make_module old/m$i.ko "$(head -c 20000 /dev/zero | tr '\0' x) $i"
done
seal_copy old new
cp -r old d

loop() { # NUMBER COMMAND...: what it must say when it loses a race, and nothing else
  local number=$1 round status
  shift
  for ((round = 0; round < 6; round++)); do
    status=0
    "$MODPROOF" "$@" d -q --no-sync >"$scratch/out/loop$number" 2>&1 || status=$?
    case $status in
      0) ;;
      2)
        if grep -Ev ': (somebody else changed the file meanwhile|the file (changed|became shorter) while it was read); try again$' \
          "$scratch/out/loop$number" >"$scratch/out/unexpected$number"; then
          echo "unexpected: $(cat "$scratch/out/unexpected$number")"
          return 1
        fi
        ;;
      *)
        echo "exit status $status of $*: $(cat "$scratch/out/loop$number")"
        return 1
        ;;
    esac
  done
}

for pair in "attach attach" "attach detach" "detach detach"; do
  loop 1 "${pair% *}" &
  first=$!
  loop 2 "${pair#* }" &
  second=$!
  while kill -0 $first 2>/dev/null || kill -0 $second 2>/dev/null; do
    for file in d/*.ko; do
      # Read once: a rename between two readings would look like something in between.
      cat "$file" >"$scratch/out/sample"
      cmp -s "$scratch/out/sample" "old/${file##*/}" || cmp -s "$scratch/out/sample" "new/${file##*/}" ||
        fail "$pair: $file is neither old nor new"
    done
  done
  wait $first || fail "$pair: first"
  wait $second || fail "$pair: second"
  expect_old_or_new d old new >/dev/null
  expect_no_temporary_files d
done
run attach d -q
expect 0 '' ''
run verify d -r "$root" -q
expect 0 '' ''
