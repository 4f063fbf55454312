# SPDX-License-Identifier: LGPL-2.1-or-later
# What the scripts in this directory share. Each script is one behaviour of the command line, and
# reads as a session: `run` something, then say what is expected of it, exactly.
#
#     MODPROOF=build/dev/modproof bash tests/cli/attach-twice.sh
#
# A script starts in an empty directory of its own. Exit status: 0 passed, 77 skipped (the reason is
# on standard output), anything else failed. With MODPROOF_NO_SKIP=1 in the environment, a program that
# is missing is a failure as well.
# shellcheck shell=bash
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
MODPROOF=$(realpath "${MODPROOF:?set it to the tool to test}")

# Nothing of the caller's surroundings may change what the tool says.
export LC_ALL=C.UTF-8
temporary=${TMPDIR:-/tmp}
unset MAKEFLAGS MFLAGS MAKELEVEL NO_COLOR STRIP MODPROOF_SHA256 TMPDIR
umask 022

scratch=$(mktemp -d "$temporary/modproof-test-XXXXXX")
chmod 755 "$scratch"
mkdir "$scratch/work" "$scratch/out"
mounts=()

# shellcheck disable=SC2317  # called by the trap
clean_up() {
  local mount
  for mount in ${mounts[@]+"${mounts[@]}"}; do
    umount "$mount" || true
  done
  chmod -R u+rwX "$scratch" 2>/dev/null || true
  rm -rf "$scratch"
}
trap clean_up EXIT
cd "$scratch/work"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

skip() {
  [ -z "${MODPROOF_NO_SKIP:-}" ] || fail "skipped, with MODPROOF_NO_SKIP: $*"
  echo "skipped: $*"
  exit 77
}

# machine_cannot WHAT: skips what the kernel or the container does not let happen, whatever is installed.
machine_cannot() {
  echo "skipped: this machine cannot $*"
  exit 77
}

need_root() {
  [ "$(id -u)" -eq 0 ] || skip "$1 needs root"
}

need_program() {
  command -v "$1" >/dev/null || skip "there is no $1"
}

# --- running the tool ------------------------------------------------------------------------------

# The tool itself, for what is set-up and not the point of the test.
modproof() {
  "$MODPROOF" "$@"
}

# run ARGUMENT...: runs the tool; its exit status, standard output and standard error are what the
# expect_ functions look at. Standard input is that of the caller.
run() {
  run_program "$MODPROOF" "$@"
}

# run_program PROGRAM ARGUMENT...: the same for any program.
run_program() {
  command_line=$*
  status=0
  "$@" >"$scratch/out/stdout" 2>"$scratch/out/stderr" || status=$?
}

# run_stopped SIGNAL SECONDS ARGUMENT...: as run, but the tool gets the signal after that time. Behind
# it timeout(1) sends SIGCONT, which takes back the SIGSTOP by which LeakSanitizer stops a process at
# its end; both would then wait for ever, so nobody looks for leaks here.
run_stopped() {
  local signal=$1 seconds=$2
  shift 2
  ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 \
    run_program timeout --preserve-status -s "$signal" "$seconds" "$MODPROOF" "$@"
}

show_run() {
  echo "--- command: $command_line" >&2
  echo "--- exit status: $status" >&2
  sed 's/^/stdout| /' "$scratch/out/stdout" >&2
  sed 's/^/stderr| /' "$scratch/out/stderr" >&2
}

expect_status() {
  if [ "$status" -ne "$1" ]; then
    show_run
    fail "exit status $status, expected $1"
  fi
}

# expect_text FILE [TEXT]: FILE holds TEXT and a newline, or nothing if TEXT is empty, or what stands
# on standard input if there is no TEXT.
expect_text() {
  local file=$1
  if [ $# -eq 1 ]; then
    cat >"$scratch/out/expected"
  elif [ -z "$2" ]; then
    : >"$scratch/out/expected"
  else
    printf '%s\n' "$2" >"$scratch/out/expected"
  fi
  if ! cmp -s "$scratch/out/expected" "$file"; then
    show_run
    diff -u --label expected --label "${file##*/}" "$scratch/out/expected" "$file" >&2 || true
    fail "${file##*/} is not as expected"
  fi
}

expect_stdout() {
  expect_text "$scratch/out/stdout" "$@"
}

expect_stderr() {
  expect_text "$scratch/out/stderr" "$@"
}

# expect_match FILE PATTERN: a line of stdout or stderr matches the extended regular expression.
expect_match() {
  if ! grep -Eqe "$2" "$scratch/out/$1"; then
    show_run
    fail "no line of $1 matches $2"
  fi
}

# expect STATUS STDOUT STDERR: all three at once, each of the texts as for expect_text.
expect() {
  expect_status "$1"
  expect_stdout "$2"
  expect_stderr "$3"
}

# expect_json KEY VALUE [KEY VALUE]...: standard output is one JSON document in UTF-8, and what stands
# at each KEY (`.errors[0].kind`) is VALUE; what is not a string is compared as JSON.
expect_json() {
  /usr/bin/python3 - "$scratch/out/stdout" "$@" <<'END' || {
import json, re, sys
with open(sys.argv[1], "rb") as file:
    document = json.loads(file.read().decode("utf-8"))
for key, expected in zip(sys.argv[2::2], sys.argv[3::2]):
    value = document
    for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", key):
        value = value[name] if name else value[int(index)]
    found = value if isinstance(value, str) else json.dumps(value)
    if found != expected:
        sys.exit(f"{key} is {found}, expected {expected}")
END
    show_run
    fail "the JSON document is not as expected"
  }
}

# --- files -----------------------------------------------------------------------------------------

# make_module FILE [TEXT]: the smallest file that is a module to the tool: an ELF header of a
# relocatable x86-64 file without sections (64 bytes) and a line of text, by default its name.
make_module() {
  local name=${1##*/}
  mkdir -p "$(dirname -- "$1")"
  {
    printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0'    # 64 bit, little-endian
    printf '\1\0\76\0\1\0\0\0'                  # ET_REL, EM_X86_64, EV_CURRENT
    printf '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'   # no entry point, no program headers
    printf '\0\0\0\0\0\0\0\0\0\0\0\0\100\0\0\0' # no section headers; a header of 64 bytes
    printf '\0\0\100\0\0\0\0\0'
    printf '%s\n' "${2:-module $name}"
  } >"$1"
}

# make_modules DIR NAME...
make_modules() {
  local directory=$1 name
  shift
  mkdir -p "$directory"
  for name in "$@"; do
    make_module "$directory/$name.ko"
  done
}

# seal_copy OLD NEW: the modules of OLD with their proofs in NEW; the tree file is modules.merkle, its
# root is $root.
seal_copy() {
  modproof tree "$1" -q
  # shellcheck disable=SC2034  # scripts use it
  root=$(root_of modules.merkle)
  cp -r "$1" "$2"
  modproof attach "$2" -q --no-sync
}

# make_debug_module FILE: one with sections, symbols and debug information, made by the assembler.
make_debug_module() {
  mkdir -p "$(dirname -- "$1")"
  printf '%s\n' '.section .modinfo,"a"' ".asciz \"name=${1##*/}\"" .text start: nop nop \
    '.section .debug_info,"",@progbits' '.fill 200,1,42' >"$scratch/out/module.s"
  as -o "$1" "$scratch/out/module.s"
}

# make_vmlinux FILE [OPTION...]: a file like a linked kernel; see make_vmlinux.py.
make_vmlinux() {
  /usr/bin/python3 "$here/make_vmlinux.py" "$@"
}

# flip FILE OFFSET: inverts the lowest bit of one byte, in place.
flip() {
  local byte
  byte=$(od -An -tu1 -j "$2" -N 1 "$1")
  # shellcheck disable=SC2059  # the format is the byte
  printf "\\$(printf '%03o' $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# root_of TREE_FILE: its root as text, read without the tool (docs/format.md, section 6).
root_of() {
  local levels hash
  levels=$(od -An -tu4 --endian=big -j 20 -N 4 "$1")
  hash=$(od -An -v -tx1 -j 24 -N 32 "$1")
  echo "sha256:${levels//[[:space:]]/}:${hash//[[:space:]]/}"
}

# A line for everything in the current directory: kind, mode, owner; of files also size, time, contents.
snapshot() {
  find . -type d -printf '%p %y %m %U:%G\n' -o -printf '%p %y %m %U:%G %s %T@ %i\n' | sort
  find . -type f -readable -print0 | sort -z | xargs -0r sha256sum --
}

# Notes the state of the current directory; expect_nothing_changed compares with it.
note_state() {
  snapshot >"$scratch/out/before"
}

expect_nothing_changed() {
  snapshot >"$scratch/out/after"
  if ! cmp -s "$scratch/out/before" "$scratch/out/after"; then
    show_run
    diff -u "$scratch/out/before" "$scratch/out/after" >&2 || true
    fail "something changed"
  fi
}

# expect_same_bytes FILE FILE
expect_same_bytes() {
  cmp -- "$1" "$2" || fail "$1 and $2 differ"
}

# expect_no_temporary_files DIR: no file of the tool's own is left there.
expect_no_temporary_files() {
  local left
  left=$(find "$1" -name '.modproof-*')
  [ -z "$left" ] || fail "left behind: $left"
}

# mount_tmpfs DIR SIZE: a small file system; unmounted at the end.
mount_tmpfs() {
  mkdir -p "$1"
  mount -t tmpfs -o "size=$2" modproof-test "$1" 2>"$scratch/out/mount" ||
    machine_cannot "mount a tmpfs: $(cat "$scratch/out/mount")"
  mounts+=("$PWD/$1")
}

# --- invariants of an operation that was stopped or disturbed --------------------------------------

# expect_old_or_new DIR OLD NEW: every file in DIR has the bytes of the file of that name in OLD or in
# NEW. Prints how many are new.
expect_old_or_new() {
  local file new=0
  for file in "$1"/*.ko; do
    if cmp -s "$file" "$3/${file##*/}"; then
      new=$((new + 1))
    else
      cmp -s "$file" "$2/${file##*/}" || fail "$file is neither old nor new"
    fi
  done
  echo "$new"
}
