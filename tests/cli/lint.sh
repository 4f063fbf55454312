#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# lint: findings with place, reason and fix; errors and warnings apart; a build tree; nothing changed.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

settings() {
  printf '%s\n' CONFIG_MODULES=y CONFIG_MODULE_HASHES=y CONFIG_MODULE_HASHES_STRIPPED=y \
    CONFIG_MODULE_SIG_FORCE=y "$@"
}
settings >good
settings CONFIG_DEBUG_INFO=y >warning
settings 'CONFIG_MODULE_SIG=y' 'CONFIG_MODULE_SIG_KEY="certs/signing_key.pem"' CONFIG_DEBUG_INFO=y >both
settings CONFIG_MODULE_SIG=y >hashed
cat >debian <<'END'
CONFIG_MODULES=y
CONFIG_MODULE_SIG_FORMAT=y
CONFIG_MODULE_SIG=y
# CONFIG_MODULE_SIG_FORCE is not set
CONFIG_MODULE_SIG_SHA256=y
CONFIG_MODULE_SIG_HASH="sha256"
# CONFIG_MODULE_HASHES is not set
# CONFIG_IMA_APPRAISE_MODSIG is not set
CONFIG_MODULE_SIG_KEY_TYPE_RSA=y
CONFIG_SYSTEM_TRUSTED_KEYRING=y
END
for program in gzip xz zstd; do
  $program -c <both >both.$program
done
head -c 40 both.gzip >cut.gz
head -c 20000000 /dev/zero | tr '\0' '\n' | gzip >large.gz
note_state

run lint good
expect 0 'good: 0 errors, 0 warnings' ''
run lint -q good
expect 0 '' ''

debug='debug information names the directory of the build, and modules are hashed with it [debug-info-paths]
  fix: build in the same directory each time, or have -ffile-prefix-map=DIRECTORY=. in KCFLAGS and KAFLAGS'
key='both:6: error: the build makes this key if it is not there, and puts its certificate into vmlinux: each build has another [throw-away-key]
  fix: set CONFIG_MODULE_SIG_KEY="" and turn CONFIG_MODULE_SIG_ALL off; what has to be signed gets its certificate from CONFIG_SYSTEM_TRUSTED_KEYS'
run lint both
expect 1 "$key
both:7: warning: $debug
both: 1 error, 1 warning" ''
run lint -q both
expect 1 "$key" ''

# Warnings are shown, and count with --strict; a rule can be left out.
run lint warning
expect 0 "warning:5: warning: $debug
warning: 0 errors, 1 warning" ''
run lint -q warning
expect 0 '' ''
run lint -q --strict warning
expect 1 "warning:5: warning: $debug" ''
run lint --strict --allow debug-info-paths warning
expect 0 'warning: 0 errors, 0 warnings' ''
run lint --strict --allow debug-info-paths --allow throw-away-key both
expect 0 'both: 0 errors, 0 warnings' ''

run lint both --json
expect_status 1
expect_json .command lint .status refused .counts.error 1 .counts.warning 1 \
  '.findings[0].id' throw-away-key '.findings[0].severity' error '.findings[0].path' both \
  '.findings[0].line' 6 '.findings[1].id' debug-info-paths '.findings[1].severity' warning

# What the configuration does not mention has its default; Debian ships its own without these two.
run lint debian --allow no-module-hashes
expect 1 'debian:3: error: MODULE_SIG_KEY is not mentioned: the default is certs/signing_key.pem, a key that the build makes if it is not there, and puts its certificate into vmlinux: each build has another, and modules have signatures that nobody can make again (MODULE_SIG_ALL is not mentioned: the default is y) [throw-away-key]
  fix: set CONFIG_MODULE_SIG_KEY="" and turn CONFIG_MODULE_SIG_ALL off; what has to be signed gets its certificate from CONFIG_SYSTEM_TRUSTED_KEYS
debian: 1 error, 0 warnings' ''
run lint hashed # with hashes the kernel makes no key
expect 0 'hashed: 0 errors, 0 warnings' ''

# Compressed, as the kernel gives its own.
for program in gzip xz zstd; do
  run lint both.$program
  expect 1 "both.$program${key#both}
both.$program:7: warning: $debug
both.$program: 1 error, 1 warning" ''
done
run lint cut.gz
expect_status 2
expect_match stderr '^modproof: cut\.gz: '
run lint large.gz
expect_status 2
expect_match stderr '^modproof: large\.gz: '
if [ -r /proc/config.gz ]; then
  run lint /proc/config.gz
  [ "$status" -ne 2 ] || fail "the configuration of the running kernel cannot be read"
fi

# All rules, each described in the manual.
run lint --list-rules
expect_status 0
cut -d' ' -f1 "$scratch/out/stdout" >"$scratch/out/rules"
sed -n 's/^\*\([a-z-]*\)\* (.*)$/\1/p' "$here/../../man/modproof-lint.1.scd" | cmp - "$scratch/out/rules" ||
  fail "the manual has other rules"

# What cannot be done.
run lint
expect 2 '' 'modproof: name the configuration of a kernel'
run lint missing
expect 2 '' 'modproof: missing: cannot open: No such file or directory'
run lint good --allow nothing
expect 2 '' 'modproof: there is no rule nothing'
run lint good --build-tree missing
expect 2 '' 'modproof: missing: no such directory'
run lint good --build-tree .
expect 2 '' 'modproof: .: no build tree of a kernel: it has neither include/config/auto.conf, nor .config, nor Makefile'
expect_nothing_changed

# A build tree: what it was configured with, and what the kernel says of its build.
mkdir -p tree/include/config tree/include/generated tree/scripts/basic
cp good tree/.config
run lint good --build-tree tree
expect 0 'good: 0 errors, 0 warnings' ''
cp good tree/include/config/auto.conf
cat >tree/include/generated/utsversion.h <<'END'
#define UTS_VERSION "#2 SMP PREEMPT_DYNAMIC Thu Jan  1 00:00:00 UTC 1970"
END
cat >tree/include/generated/compile.h <<'END'
#define UTS_MACHINE		"x86_64"
#define LINUX_COMPILE_BY	"builder"
#define LINUX_COMPILE_HOST	"distribution"
END
record='a rebuild has to say the same as the kernel in this tree:
  KBUILD_BUILD_TIMESTAMP=Thu Jan  1 00:00:00 UTC 1970
  KBUILD_BUILD_VERSION=2
  KBUILD_BUILD_USER=builder
  KBUILD_BUILD_HOST=distribution'
again='tree/include/generated/utsversion.h: warning: the kernel calls itself build #2, and one built in a new tree is #1 [built-again]
  fix: build in a new tree, or set KBUILD_BUILD_VERSION=2 for each build'
run lint good --build-tree tree
expect 0 "$again
$record
good: 0 errors, 1 warning" ''
sed -i '1d; s/STRIPPED=y/STRIPPED=n/' tree/include/config/auto.conf
run lint good --build-tree tree --allow built-again
expect 1 "tree/include/config/auto.conf: error: the tree was configured otherwise: CONFIG_MODULES and 1 other differ from the configuration that was named [stale-config]
  fix: copy the configuration to .config of the tree, run make olddefconfig, and build again
$record
good: 1 error, 0 warnings" ''
run lint good --build-tree tree --json
expect_status 1
expect_json .recorded.KBUILD_BUILD_USER builder .recorded.KBUILD_BUILD_VERSION 2 .counts.error 1

# The seed of randomised structures makes the difference of an error and a warning.
cp good tree/include/config/auto.conf
for to in good tree/include/config/auto.conf; do
  echo CONFIG_RANDSTRUCT_FULL=y >>$to
done
run lint -q good --build-tree tree
expect_status 1
expect_match stdout '^good:5: error: .*\[randstruct-seed\]$'
echo 00 >tree/scripts/basic/randstruct.seed
run lint good --build-tree tree
expect_status 0
expect_match stdout '^tree/scripts/basic/randstruct.seed: warning: .*\[randstruct-seed\]$'

# A broken file of the tree is an error of its own.
printf 'CONFIG_A=y' >tree/include/config/auto.conf
run lint good --build-tree tree
expect 2 '' 'modproof: tree/include/config/auto.conf: offset 0: the last line has no newline; the file seems to be cut off'
