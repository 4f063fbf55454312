#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Under make the tool runs as many threads as make's jobserver grants, and gives every token back:
# GNU make complains otherwise. How many run at once is seen by a strip program that counts itself.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_program make
need_program as
need_program strip

for name in a b c d; do
  make_debug_module d/$name.ko
done
mkdir running
cat >counting-strip <<'END'
#!/bin/sh
mkdir "running/$$"
ls running | wc -l >>most
sleep 0.05
rmdir "running/$$"
exec strip "$@"
END
chmod 755 counting-strip
cat >Makefile <<'END'
tree = $(MODPROOF) tree d -q --no-cache --variant strip --strip-program ./counting-strip -o tree.$@
with-plus:
	+$(tree)
without-plus:
	$(tree)
two: one.a one.b
one.a one.b:
	+$(tree)
failing:
	+$(MODPROOF) tree d -q --no-cache --variant strip --strip-program false -o tree.$@
END
export MODPROOF

# in_make MOST ARGUMENT...: no complaint of make, and MOST strips at once at the most.
in_make() {
  local most=$1
  shift
  rm -f most
  run_program make -s "$@"
  if grep -q INTERNAL "$scratch/out/stderr"; then
    show_run
    fail "make misses tokens"
  fi
  local found
  found=$(sort -n most | tail -n 1)
  [ "$found" -le "$most" ] || fail "$found at once with: make $*"
  echo "make $*: $found at once"
}

in_make 2 -j2 with-plus
expect 0 '' ''
in_make 3 -j3 with-plus
expect 0 '' ''
# On one processor a second thread has nothing to do.
[ "$(nproc)" -lt 2 ] || [ "$(sort -n most | tail -n 1)" -gt 1 ] || fail "tokens were not used"
in_make 3 -j3 two
expect 0 '' ''
# A recipe without `+` is not given the jobserver: one thread, and no complaint.
in_make 1 -j3 without-plus
expect_status 0
expect_stdout ''
# An error is no reason to keep a token.
run_program make -s -j2 failing
expect_status 2
if grep -q INTERNAL "$scratch/out/stderr"; then fail "make misses tokens after an error"; fi
for tree in tree.with-plus tree.one.a tree.one.b; do
  expect_same_bytes $tree tree.without-plus
done
