#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The number of threads changes nothing but the time: files, output and JSON are the same bytes.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir original
for ((i = 0; i < 40; i++)); do
  make_module "original/m$i.ko" "module $i $(head -c $((i * 37)) /dev/zero | tr '\0' x)"
done
make_module original/foreign.ko

reference=
for jobs in 1 2 3 64; do
  rm -rf d tree
  cp -r original d
  rm d/foreign.ko
  modproof tree d --no-cache -j $jobs -o tree >out
  cp original/foreign.ko d
  modproof attach d -t tree -j $jobs -v >>out || [ $? -eq 1 ]
  flip d/m7.ko 80
  flip d/m30.ko 80
  modproof verify d -t tree -j $jobs -v >>out || [ $? -eq 1 ]
  modproof verify d -t tree -j $jobs --json >>out || [ $? -eq 1 ]
  modproof detach d -j $jobs -v >>out
  (cat out tree && find d -type f -print0 | sort -z | xargs -0 cat) | sha256sum >sum
  [ -n "$reference" ] || reference=$(cat sum)
  [ "$(cat sum)" = "$reference" ] || fail "-j $jobs gives something else"
done
