#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# explain says what is behind a verdict, and what to do: every cause, each with its own word.
# shellcheck disable=SC2016  # messages with backquotes
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_program as

for name in m0 m1 m2 m3; do
  make_debug_module build/$name.ko
done
modproof tree build -q -o tree
root=$(root_of tree)
cp -r build d
modproof attach d -q -t tree
make_vmlinux vmlinux
modproof patch vmlinux -q -t tree
mkdir bad

cause() { # CAUSE FILE [OPTION...]
  local cause=$1 status=1
  shift
  case $cause in none | stale-tree) status=0 ;; esac
  run explain --json "$@"
  expect_status $status
  expect_json .modules[0].cause "$cause"
  run explain "$@"
  expect_status $status
  if [ "$cause" != none ]; then
    expect_match stdout "^  cause: $cause\$"
  fi
}

cause none d/m1.ko -t tree
expect_stdout 'd/m1.ko: accepted'
cause not-attached build/m1.ko -t tree
expect_match stdout '^  the payload is the one at position 1 of the tree \(linked\)$'
expect_match stdout '^  to do: run `modproof attach` with this tree file$'

strip --strip-debug -o bad/m1.ko build/m1.ko
cause stripped bad/m1.ko -t tree
expect_match stdout '^  it has no debug sections and [0-9]+ bytes; as linked it has [0-9]+$'
modproof tree build -q -o with-variant --variant strip
cause not-attached bad/m1.ko -t with-variant

cp build/m1.ko bad
printf 'signature\0\0\2\0\0\0\0\0\0\0\0\11~Module signature appended~\n' >>bad/m1.ko
cause signed-after bad/m1.ko -t tree

cp d/m1.ko bad
flip bad/m1.ko 70
cause payload-changed bad/m1.ko -t tree
expect_match stdout 'with the leaf of the tree in its place the proof leads to the root'
cp build/m1.ko bad
flip bad/m1.ko 70
cause payload-changed bad/m1.ko -t tree

payload=$(stat -c %s build/m1.ko)
cp d/m1.ko bad
flip bad/m1.ko $((payload + 40))
cause proof-altered bad/m1.ko -t tree
expect_match stdout '^  proof and tree part at level 1$'

head -c "$payload" d/m1.ko >bad/m1.ko
tail -c 108 d/m2.ko >>bad/m1.ko
cause proof-of-other bad/m1.ko -t tree

# A module of another build: the root of that build is named where several modules agree on it.
cp -r build rebuilt
for name in m0 m1 m2 m3; do
  flip rebuilt/$name.ko 70
done
modproof seal rebuilt -q
cause stale-module rebuilt/m1.ko rebuilt/m2.ko -t tree
# Without a tree file it is known as soon as two of them agree.
cause unknown rebuilt/m1.ko -r "$root"
cause stale-module rebuilt/m1.ko rebuilt/m2.ko -r "$root"
expect_match stdout '^  2 of these modules lead to sha256:.*: the root of that build$'
expect_match stdout '^  to do: kernel and modules are of different builds: install '
expect_match stdout "^  2 of these modules lead to $(root_of rebuilt/modules.merkle): the root of that build\$"
# Kernel and tree of different builds.
cause stale-kernel rebuilt/m1.ko -t rebuilt/modules.merkle -K vmlinux
expect_match stdout "^kernel and tree are of different builds: $root and $(root_of rebuilt/modules.merkle)\$"
cause stale-tree d/m1.ko -t rebuilt/modules.merkle -K vmlinux

make_debug_module bad/foreign.ko
cause foreign bad/foreign.ko -t tree

cp d/m1.ko bad
flip bad/m1.ko $((payload + 68 + 4))
cause malformed bad/m1.ko -t tree

# Without a tree file little can be said, and that is said.
cause unknown build/m1.ko -K vmlinux
cause unknown rebuilt/m1.ko -r "$root"
expect_match stdout '^  to do: give the tree file of the build with --tree to learn more$'

# Several modules, one of which cannot be read.
run explain d/m0.ko missing.ko rebuilt/m1.ko -t tree --json
expect_status 2
expect_json .modules[0].cause none .modules[1].cause stale-module .errors[0].path missing.ko
