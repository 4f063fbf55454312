#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every file in tests/malformed, given to every command that reads such files: the exit status that
# tests/malformed/expected.txt says, a message that names the file, and nothing changed.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_program openssl
need_program ssh-keygen
need_program gpg
malformed=$here/../malformed

# The files are those that the script makes, and each is listed.
mkdir made
"$malformed/make" made
for file in "$malformed"/*.*; do
  name=${file##*/}
  [ "$name" != expected.txt ] || continue
  [ -e "made/$name" ] || fail "$name is not made by tests/malformed/make"
  expect_same_bytes "$file" "made/$name"
  grep -q "^[012] $name " "$malformed/expected.txt" || fail "$name is not in expected.txt"
done
[ "$(find made -type f | wc -l)" -eq "$(find "$malformed" -name '*.*' ! -name expected.txt | wc -l)" ] ||
  fail "tests/malformed/make makes a file that is not there"
mv made/* .
rmdir made

make_modules dir one
modproof tree dir -q -o good --no-cache
modproof manifest dir -q -o good.manifest
make_vmlinux kernel
mkdir keys
/usr/bin/python3 -B "$here/make_attestation.py" keys/signer.pem
for file in key-* btf-*; do
  mkdir "only-$file"
  case $file in
    key-*) cp "$file" "only-$file" ;;
    btf-*) cp "$file" "only-$file/one.ko" ;;
  esac
done
root=sha256:2:$(printf '1%.0s' {1..64})
# One directory for everything: what is there before must be there after.
note_state

lines=0
while read -r expected file command; do
  case $expected in '' | '#'*) continue ;; esac
  read -ra words <<<"$command"
  for i in "${!words[@]}"; do
    case ${words[i]} in
      @) words[i]=$file ;;
      R) words[i]=$root ;;
      ONLY) words[i]=only-$file ;;
      TREE)
        mkdir beside
        cp "$file" beside
        words[i]=beside/${file%.*}
        ;;
      DIR*) words[i]=dir${words[i]#DIR} ;;
    esac
  done
  # As `run` and the expect_ functions do, but without a process for each of them.
  status=0
  command_line=${words[*]}
  "$MODPROOF" "${words[@]}" >"$scratch/out/stdout" 2>"$scratch/out/stderr" </dev/null || status=$?
  message=$(<"$scratch/out/stderr")
  [ "$status" -eq "$expected" ] || expect_status "$expected"
  if [ "$expected" -eq 2 ]; then
    [[ $message == "modproof: $file: "* ]] || expect_match stderr "^modproof: (only-$file/)?$file: "
  elif [ -n "$message" ]; then
    expect_stderr ''
  fi
  if [ -d beside ]; then
    expect_same_bytes good "beside/${file%.*}"
    rm -r beside
  fi
  lines=$((lines + 1))
done <"$malformed/expected.txt"
expect_nothing_changed
echo "$lines commands"
