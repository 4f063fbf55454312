#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A command line that makes no sense: status 2, nothing on standard output, one line on standard
# error that names the tool, and nothing is changed.
# shellcheck disable=SC2016  # messages with backquotes
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a b
make_vmlinux vmlinux
modproof tree d -q
root=$(root_of modules.merkle)
note_state

refuse() {
  run "$@"
  expect_status 2
  expect_stdout ''
  expect_match stderr '^modproof: '
  [ "$(wc -l <"$scratch/out/stderr")" -eq 1 ] || {
    show_run
    fail "not one line on standard error"
  }
}

# Words that do not exist: the message says where to look.
refuse
expect_stderr 'modproof: name a command; see `modproof --help`'
for word in frobnicate help; do
  refuse $word
  expect_stderr "modproof: no command '$word'; see \`modproof --help\`"
done
refuse -q frobnicate d
expect_stderr "modproof: no command 'frobnicate'; see \`modproof --help\`"
refuse --frobnicate
refuse -x
expect_stderr 'modproof: name a command; its options come behind it; see `modproof --help`'
for command in tree patch attach detach seal verify info explain; do
  refuse "$command" --frobnicate
  expect_match stderr "see \`modproof $command --help\`\$"
  refuse "$command" --format yaml d
  refuse "$command" --color sometimes d
done

# Numbers.
for command in tree attach detach seal verify; do
  for jobs in 0 -1 x 1x '' 99999999999999999999; do
    refuse "$command" -j "$jobs" d
  done
  refuse "$command" d -j
done
for size in 1X K1 -1 1.5G 99999999999G; do
  refuse verify d --max-module-size "$size"
  expect_stderr "modproof: --max-module-size: '$size' is no size: a number, with K, M, G or T behind it for \
powers of 1024; see \`modproof verify --help\`"
done

# What excludes each other.
refuse patch vmlinux --tree modules.merkle --root "$root"
refuse patch vmlinux --check --output new
refuse verify d --kernel vmlinux --root "$root"
refuse verify d --kernel vmlinux --running
refuse explain d --root "$root" --running
for command in attach detach seal verify explain; do
  option=(--tree modules.merkle)
  case $command in detach) option=() ;; seal) option=(-o new) ;; esac
  refuse "$command" "${option[@]}" -k 6.1 d
  expect_stderr 'modproof: --basedir and --kernel-version exclude names of modules'
done

# What would be ignored.
refuse patch vmlinux --check --no-sync
refuse patch vmlinux --max-kernel-size 1G
refuse tree d --strip-program strip
refuse verify d --root "$root" --allow-missing
refuse verify d --root "$root" --max-kernel-size 1G
refuse verify d --running --max-kernel-size 1G
for command in attach detach seal verify explain; do
  refuse "$command" -0 d
  expect_stderr 'modproof: --null is about names that are read: it needs - or --files-from'
done
refuse manifest d -o -

# What is missing.
refuse patch
for command in attach detach seal; do
  refuse "$command"
  expect_stderr 'modproof: name modules or a directory, or choose them with -b or -k'
done
refuse info
expect_stderr 'modproof: name a file, or say --running'
refuse seal d/a.ko d/b.ko
expect_stderr 'modproof: name the tree file to write with --output'
refuse tree d d
refuse tree --variant gold d

# A mistyped name is what is wrong, even if there is no kernel to check against either.
for command in verify explain; do
  refuse $command nosuch
  expect_stderr 'modproof: nosuch: cannot stat: No such file or directory'
  refuse $command d/a.ko nosuch.ko --kernel nokernel
  expect_stderr 'modproof: nosuch.ko: cannot stat: No such file or directory'
  refuse $command d/a.ko --kernel nokernel
  expect_match stderr '^modproof: nokernel: '
done
refuse verify --fix -o new vmlinux
expect_stderr 'modproof: --fix requires --tree; see `modproof verify --help`'
for what in vmlinux d/a.ko d; do
  refuse verify --fix -o new --tree modules.merkle $what
  expect_stderr "modproof: $what: --fix needs an initramfs"
done
refuse verify --fix -o new --tree modules.merkle nosuch
expect_stderr 'modproof: nosuch: cannot stat: No such file or directory'

# Roots that are none.
for bad in '' sha256 sha256:1 "sha256:01:${root##*:}" "sha256:33:${root##*:}" "sha1:1:${root##*:}" \
  "$root "$'\n' "${root}0" "${root%?}" "sha256:-1:${root##*:}" "sha256:+1:${root##*:}"; do
  refuse verify d --root "$bad"
  refuse patch vmlinux --root "$bad"
done

expect_nothing_changed
