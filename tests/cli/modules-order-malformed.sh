#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A modules.order that is not as kbuild writes it is refused, with the offset of the line, and
# nothing is written.
# shellcheck disable=SC2059  # the contents are a format
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules . a b 'with space' 'dots.in.name'
make_modules sub c

refuse() { # CONTENTS MESSAGE
  printf "$1" >modules.order
  note_state
  run tree
  expect 2 '' "modproof: modules.order: $2"
  expect_nothing_changed
  run tree .
  expect_status 2
  expect_nothing_changed
}

refuse 'a.o\n\nb.o\n' 'offset 4: empty line'
refuse '\n' 'offset 0: empty line'
refuse 'a.o\nb.o\r\n' 'offset 7: carriage return; lines end in a newline only'
refuse 'a.o\nb' 'offset 4: the last line has no newline; the file seems to be cut off'
refuse 'a.o\nb.o' 'offset 4: the last line has no newline; the file seems to be cut off'
refuse 'a.o\n/b.o\n' 'offset 4: absolute path /b.o; paths are relative to the directory of modules.order'
refuse '../x/a.o\n' 'offset 0: path ../x/a.o leaves the directory of modules.order'
refuse 'sub/../a.o\n' 'offset 0: path sub/../a.o leaves the directory of modules.order'
refuse 'a.o\nb.c\n' 'offset 4: path b.c does not end in .o or .ko'
refuse 'a.o\n.o\n' 'offset 4: path .o does not end in .o or .ko'
refuse 'sub/.ko\n' 'offset 0: path sub/.ko does not end in .o or .ko'
refuse 'a.o b.o\nb.o \n' 'offset 8: path b.o  does not end in .o or .ko'
refuse 'a.o\0\n' 'offset 3: NUL byte in a path'

# What is listed but is not there, or is there twice.
printf 'a.o\nsub/gone.o\nb.o\n' >modules.order
run tree
expect 2 '' 'modproof: modules.order: offset 4: module sub/gone.ko is listed but cannot be found (No such file or directory); build the modules first'
printf 'a.o\nb.o\na.o\n' >modules.order
run tree
expect 2 '' 'modproof: modules.order: two modules are called a: a.ko and a.ko (to the kernel, - and _ are the same)'
run tree .
expect_status 2
[ ! -e modules.merkle ] || fail "a tree file was written"

# Spaces, dots, and components that only look like `..` are fine.
mkdir ..c
make_module ..c/d..ko
printf 'with space.o\ndots.in.name.o\n./a.o\n..c/d..o\n' >modules.order
run tree
expect_status 0
expect_match stdout '^modules.merkle: 4 modules, 4 leaves'
# A newline cannot be written in modules.order: such a module is two lines, and neither exists.
make_module $'new\nline.ko'
printf 'new\nline.o\n' >modules.order
run tree
expect 2 '' 'modproof: modules.order: offset 0: path new does not end in .o or .ko'
