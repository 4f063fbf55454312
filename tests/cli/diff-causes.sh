#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# diff says in which sections a module differs and names the cause: signatures, stripping, version,
# options, seed, sources, compiler, paths, times, build id, BTF.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_program as
need_program objcopy

# module FILE [LINE...]: a module from lines of assembler.
module() {
  local file=$1
  shift
  mkdir -p "$(dirname "$file")"
  printf '%s\n' "$@" | as -o "$file" -
}
text='.text; start: nop; nop'
# modinfo TEXT...: lines for a section with these texts.
modinfo() {
  echo '.section .modinfo,"a"'
  printf '.asciz "%s"\n' "$@"
}

# cause CAUSE EVIDENCE: the modules a/m.ko and b/m.ko differ, for this reason only.
cause() {
  run diff a b
  expect_status 1
  expect_match stdout '^m: different'
  expect_match stdout "^  cause: $1: $2\$"
  [ "$(grep -c '^likely cause: ' "$scratch/out/stdout")" -eq 1 ] || fail "not only $1"
  expect_match stdout "^likely cause: $1, 1 module; m: $2\$"
}

# Signatures: of one side, of another key; over them a proof.
module a/m.ko "$text"
mkdir b
signature() { printf 'signature%s\0\0\2\0\0\0\0\0\0\0\0\12~Module signature appended~\n' "$1"; }
(cat a/m.ko && signature 1) >b/m.ko
cause signature 'the same but for what is appended: nothing in A, a PKCS#7 signature of 10 bytes in B'
run diff a b --ignore-signatures
expect_status 0
expect_match stdout '^the same but for signatures, so different roots: '
expect_match stdout '^1 module in A, 1 in B: 1 same, 0 different$'
cp -r a sealed
(cat a/m.ko && signature 2) >sealed/m.ko
modproof seal sealed -q
run diff b sealed
expect_match stdout '^m: different, only in what is appended to the module$'
run diff b sealed --ignore-signatures
expect_status 0
# Not only the signature.
flip sealed/m.ko 64
run diff b sealed --ignore-signatures
expect_status 1
expect_match stdout '^  \.text +2 bytes, first difference at 0x0$'

# Stripping: relocations say the same, though the numbers of symbols are others.
module a/m.ko "$text" '.data; .quad start; .quad other' '.section .debug_info,"",@progbits' \
  'label: .fill 99,1,7' '.quad label'
strip --strip-debug -o b/m.ko a/m.ko
cause stripping 'debug sections \([0-9]+\) are in A only, all else is the same'
expect_match stdout '^m: different, only stripped$'
expect_match stdout '^  [0-9] debug sections: [0-9]+ bytes in A, 0 in B$'
# Stripped, and changed.
module c/m.ko '.text; start: nop; ret' '.data; .quad start; .quad other'
run diff a c
expect_match stdout '^m: different$'

# Debug sections are one line.
module a/m.ko "$text" '.section .debug_str,"MS",@progbits,1; .asciz "/home/one/linux/fs/file.c"' \
  '.section .debug_line,"",@progbits; .fill 30,1,1'
module b/m.ko "$text" '.section .debug_str,"MS",@progbits,1; .asciz "/build/two/linux/fs/file.c"' \
  '.section .debug_line,"",@progbits; .fill 31,1,2'
cause build-path '\.debug_str: /home/one in A, /build/two in B'
expect_match stdout '^  2 debug sections: 56 bytes in A, 58 in B$'

module a/m.ko "$text" "$(modinfo license=GPL 'vermagic=6.1.0 SMP preempt mod_unload ')"
module b/m.ko "$text" "$(modinfo license=GPL 'vermagic=6.1.1 SMP preempt mod_unload ')"
cause kernel-version 'vermagic 6\.1\.0 in A, 6\.1\.1 in B'
expect_match stdout '^    - vermagic=6\.1\.0 SMP preempt mod_unload $'
expect_match stdout '^    \+ vermagic=6\.1\.1 SMP preempt mod_unload $'
module b/m.ko "$text" "$(modinfo license=GPL 'vermagic=6.1.0 SMP mod_unload ')"
cause configuration 'options in vermagic SMP preempt mod_unload  in A, SMP mod_unload  in B'
module a/m.ko "$text" "$(modinfo 'vermagic=6.1.0 SMP RANDSTRUCT_aaaa')"
module b/m.ko "$text" "$(modinfo 'vermagic=6.1.0 SMP RANDSTRUCT_bbbb')"
cause randstruct 'hash of the seed in vermagic RANDSTRUCT_aaaa in A, RANDSTRUCT_bbbb in B'
module a/m.ko "$text" "$(modinfo srcversion=AAAA)"
module b/m.ko "$text" "$(modinfo srcversion=BBBB)"
cause source 'srcversion AAAA in A, BBBB in B'

module a/m.ko "$text" '.section .comment; .asciz "GCC: 12"'
module b/m.ko "$text" '.section .comment; .asciz "GCC: 14"'
cause compiler '\.comment: GCC: 12 in A, GCC: 14 in B'

# What GCC says of itself in debug information.
producer() { # TEXT...
  printf '.section .debug_str,"MS",@progbits,1\n'
  printf '.asciz "%s"\n' "$@"
}
module a/m.ko "$text" "$(producer 'GNU C11 12.2.0 -m64 -O2 -g' 'GNU C11 12.2.0 -m64 -O2 -g -fno-gcse')"
module b/m.ko "$text" "$(producer 'GNU C11 12.2.0 -m64 -O1 -g' 'GNU C11 12.2.0 -m64 -O1 -g -fno-gcse')"
cause flags '\.debug_str: -O2 in A, -O1 in B'
module b/m.ko "$text" "$(producer 'GNU C11 12.2.0 -m64 -O2 -g -fno-inline' 'GNU C11 12.2.0 -m64 -O2 -g -fno-gcse')"
cause flags '\.debug_str: -fno-inline in B only'
# One file of several that a module is made of.
module a/m.ko "$text" "$(producer 'GNU C11 12.2.0 -m64 -O2 -g')"
module b/m.ko "$text" "$(producer 'GNU C11 12.2.0 -m64 -O2 -g' 'GNU C11 12.2.0 -m64 -O2 -g -fno-inline')"
cause flags '\.debug_str: -fno-inline in B only'
module b/m.ko "$text" "$(producer 'GNU C11 14.2.0 -m64 -O2 -g' 'GNU C11 14.2.0 -m64 -O2 -g -fno-gcse')"
cause compiler '\.debug_str: GNU C11 12\.2\.0 in A, GNU C11 14\.2\.0 in B'

module a/m.ko "$text" '.section .rodata; .asciz "made at 12:00:00"'
module b/m.ko "$text" '.section .rodata; .asciz "made at 13:00:07"'
cause timestamp '\.rodata: made at 12:00:00 in A, made at 13:00:07 in B'

id='.section .note.gnu.build-id,"a",@note; .long 4,4,3; .asciz "GNU"; .long'
module a/m.ko "$text" "$id 1"
module b/m.ko "$text" "$id 2"
cause build-id 'only the build id differs: what was linked differed in what is not shipped, most likely paths in debug information'
expect_match stdout '^    - build id 01000000$'
expect_match stdout '^    \+ build id 02000000$'

version() { # CHECKSUM
  echo ".section __versions,\"a\"; .quad $1; .asciz \"printk\"; .org 64"
}
module a/m.ko "$text" "$(version 0x1234)"
module b/m.ko "$text" "$(version 0x5678)"
cause interface 'checksums of symbols differ: - printk 0x00001234'
expect_match stdout '^    \+ printk 0x00005678$'

# BTF: two integers, in either order; then a kind that the other pahole does not make.
btf() { # TYPES NUMBER...
  local types=$1
  shift
  echo ".section .BTF,\"a\"; .short 0xeb9f; .byte 1, 0; .long 24, 0, $types, $types, 9"
  printf '.long %s\n' "$@"
  printf '%s\n' '.asciz ""; .asciz "int"; .ascii "u8\0\0"'
}
int=(1 0x01000000 4 32)
u8=(5 0x01000000 1 8)
module a/m.ko "$text" "$(btf 32 "${int[@]}" "${u8[@]}")"
module b/m.ko "$text" "$(btf 32 "${u8[@]}" "${int[@]}")"
cause btf-order 'the same 2 BTF types in another order: pahole with several threads and without reproducible_build'
expect_match stdout '^    the same 2 types in another order$'
# As pahole 1.24 does it with -j.
module b/m.ko "$text" "$(btf 44 "${u8[@]}" "${int[@]}" 1 0x0c000000 1)"
cause btf-order 'the same BTF types in another order, but 0 functions in A, 1 in B: pahole with several threads and without reproducible_build'
module b/m.ko "$text" "$(btf 44 "${int[@]}" "${u8[@]}" 1 0x12000000 1)"
cause pahole 'BTF has 0 types of kind type-tag in A, 1 in B'
expect_match stdout '^    type-tag: 0 in A, 1 in B$'
module b/m.ko "$text" "$(btf 99 "${int[@]}" "${u8[@]}")"
run diff a b
expect_match stdout '^    B cannot be read: a part of the BTF reaches past the end of its section$'

# Symbols by name; sections that only one side has.
module a/m.ko '.text; alpha: nop'
module b/m.ko '.text; beta: nop' '.section .extra; .long 1'
run diff a b
expect_match stdout '^    - alpha$'
expect_match stdout '^    \+ beta$'
expect_match stdout '^  \.extra +only in B, 4 bytes$'

# A kernel: its banner taken apart.
kernel() { # FILE BANNER
  module "$1.o" "$text" ".section .init.text; nop; .section .rodata; .asciz \"$2\""
  ld -e 0 -o "$1" "$1.o"
}
need_program ld
kernel one 'Linux version 7.3.0 (me@here) (gcc 12 (Debian 12.2), GNU ld 2.40) #1 SMP Mon Nov 23 10:00:00 UTC 2026'
kernel two 'Linux version 7.3.0 (you@there) (gcc 14 (Debian 14.2), GNU ld 2.44) #1 SMP Tue Nov 24 11:00:00 UTC 2026'
run diff one two
expect_status 1
expect_match stdout '^vmlinux: different$'
expect_match stdout '^  cause: compiler: banner: gcc 12 \(Debian 12\.2\), GNU ld 2\.40 in A, gcc 14 \(Debian 14\.2\), GNU ld 2\.44 in B$'
expect_match stdout '^  cause: timestamp: banner: SMP Mon Nov 23 10:00:00 UTC 2026 in A, SMP Tue Nov 24 11:00:00 UTC 2026 in B$'
expect_match stdout '^  cause: builder: banner: me@here in A, you@there in B$'

# Two build trees: their configuration, but not what kconfig takes from the tools.
mkdir one-tree two-tree
cp one one-tree/vmlinux
cp two two-tree/vmlinux
printf '%s\n' CONFIG_A=y CONFIG_NLS_UTF8=m 'CONFIG_NAME="x"' CONFIG_GCC_VERSION=120200 CONFIG_CC_HAS_IT=y >one-tree/.config
printf '%s\n' CONFIG_A=y '# CONFIG_NLS_UTF8 is not set' 'CONFIG_NAME="y"' CONFIG_GCC_VERSION=140200 >two-tree/.config
run diff one-tree two-tree
expect_match stdout '^  cause: configuration: CONFIG_NAME: x in A, y in B; CONFIG_NLS_UTF8: m in A, not set in B$'
cp one-tree/.config two-tree/.config
run diff one-tree two-tree
! grep -q 'configuration' "$scratch/out/stdout" || fail 'a configuration that did not differ is a cause'
# The same kernel, whatever is written beside it.
echo CONFIG_B=y >>two-tree/.config
cp one two-tree/vmlinux
run diff one-tree two-tree
! grep -q 'configuration' "$scratch/out/stdout" || fail 'a configuration that did not differ is a cause'
