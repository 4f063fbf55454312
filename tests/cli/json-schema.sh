#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What every command prints with --json, when all is well, when something is refused and when it
# fails, fits docs/schema/modproof-v1.schema.json, which allows no other keys.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_program ssh-keygen

make_modules d a b c
make_vmlinux vmlinux
make_vmlinux without --count 0
make_vmlinux big --bits 32 --order big
cp -r d unsealed
mkdir empty documents
: >empty-file.ko
signed() { printf 'sig\0\0\2\0\0\0\0\0\0\0\0\3~Module signature appended~\n'; }

number=0
document() { # STATUS ARGUMENT...
  local expected=$1
  shift
  run "$@" --json
  expect_status "$expected"
  number=$((number + 1))
  cp "$scratch/out/stdout" "documents/$(printf '%03d' $number) ${1#-} status $status"
}

document 0 tree d
document 0 tree d --no-cache
document 0 tree empty -o empty.merkle
document 2 tree missing
document 2 tree d --extra missing.ko
document 2 tree d --variant strip --strip-program false -o other
root=$(root_of modules.merkle)

document 0 attach d -n
document 0 attach d
document 0 attach d
document 2 attach empty
document 2 attach d -t missing
document 2 attach d missing.ko
document 2 attach

document 0 patch vmlinux
document 0 patch vmlinux
document 0 patch vmlinux --check
document 0 patch vmlinux -o copy
document 1 patch big --check
document 2 patch without
document 2 patch missing

document 0 verify d -K vmlinux
document 0 verify d -t modules.merkle
document 2 verify empty -r "$root"
document 1 verify empty -t modules.merkle
document 1 verify unsealed -r "$root"
document 2 verify d/a.ko empty-file.ko missing.ko -r "$root"
document 2 verify d -K without
cp -r d bad
flip bad/a.ko 70
(cat bad/b.ko && signed) >x && mv x bad/b.ko
flip bad/c.ko 150
cp d/a.ko bad/d.ko
flip bad/d.ko $(($(stat -c %s d/a.ko) - 30))
document 1 verify bad -r "$root"
document 1 verify bad -t modules.merkle
document 1 explain bad -r "$root"
document 1 explain bad -t modules.merkle
document 1 explain bad -t modules.merkle -K big
document 1 explain unsealed -t modules.merkle
document 0 explain d -t modules.merkle -K vmlinux
document 2 explain d missing.ko -t modules.merkle
document 2 explain d -t missing
document 1 attach bad/a.ko unsealed/a.ko
document 2 attach bad

document 0 info d/a.ko vmlinux without big modules.merkle unsealed/b.ko
document 2 info bad/b.ko
mkdir image && cp d/a.ko unsealed/b.ko image
/usr/bin/python3 -B "$here/make_initramfs.py" initrd.img cpio:image xz:image
document 0 info initrd.img
document 1 verify initrd.img -t modules.merkle
document 1 explain initrd.img -t modules.merkle
mkdir -p root/lib/modules/6.1.0-test && cp d/a.ko unsealed/b.ko root/lib/modules/6.1.0-test
/usr/bin/python3 -B "$here/make_package.py" package.tar tar root
document 0 info package.tar
document 1 verify package.tar -t modules.merkle
document 2 verify package.tar
document 1 explain package.tar -t modules.merkle
document 2 explain package.tar
document 1 diff package.tar modules.merkle
cp unsealed/b.ko signed.ko
/usr/bin/python3 "$here/make_pkcs7.py" signed.ko
mkdir inner && cp signed.ko inner/ && modproof seal inner -q
document 0 info signed.ko inner/signed.ko -v
document 0 info -v d/a.ko modules.merkle
document 2 info d/a.ko missing empty-file.ko d
document 2 info

document 0 manifest d
document 0 manifest d -o manifest
document 0 manifest d -t modules.merkle
document 0 info manifest -v
document 2 manifest empty
document 2 manifest bad
document 2 manifest
ssh-keygen -q -t ed25519 -N '' -f key
mkdir keys && cp key.pub keys
document 0 attest --ssh-key key -o envelope manifest vmlinux
document 0 attest --check envelope --keys keys manifest vmlinux
document 1 attest --check envelope --keys keys manifest
document 2 attest --check manifest --keys keys manifest
document 2 attest manifest
document 0 diff d unsealed
document 2 diff d bad
document 2 diff modules.merkle bad
document 0 diff modules.merkle d
document 1 diff d/a.ko bad/a.ko
document 1 diff vmlinux without
document 0 diff d/b.ko bad/b.ko --ignore-signatures
document 2 diff d/a.ko vmlinux
document 2 diff d missing
document 2 diff d
(cd unsealed && modproof tree . -q -o ../order.merkle && cp -r . ../moved && cd ../moved && mv c.ko e.ko)
document 1 diff unsealed moved

document 0 detach d -n
document 0 detach d
document 0 detach d
document 2 detach empty
document 2 detach bad
document 2 detach missing.ko

document 0 seal d
document 0 seal d -K vmlinux
document 0 seal d -n
document 2 seal empty
document 2 seal bad
document 2 seal d -K without
document 2 seal d/a.ko

printf '%s\n' CONFIG_MODULES=y CONFIG_MODULE_HASHES=y CONFIG_MODULE_HASHES_STRIPPED=y \
  CONFIG_MODULE_SIG_FORCE=y >good.config
(cat good.config && echo CONFIG_MODULE_SIG_ALL=y) >bad.config
mkdir -p tree/include/generated
cp good.config tree/.config
echo '#define UTS_VERSION "#2 SMP Thu Jan  1 00:00:00 UTC 1970"' >tree/include/generated/utsversion.h
document 0 lint good.config
document 1 lint bad.config
document 0 lint good.config --build-tree tree
document 1 lint good.config --build-tree tree --strict
document 0 lint --list-rules
document 2 lint
document 2 lint missing.config
document 2 lint vmlinux
document 2 lint good.config --allow frobnicate
document 2 lint good.config --build-tree d

document 2 frobnicate
document 2 --frobnicate
document 2 verify --frobnicate
document 2 verify d --root nonsense
if [ ! -e /sys/kernel/module_hashes ]; then
  document 2 verify d
  document 2 info --running
fi

status=0
/usr/bin/python3 "$here/validate_json.py" documents/* >invalid || status=$?
case $status in
  0) echo "$number documents" ;;
  77) skip "there is no Python module jsonschema" ;;
  *) fail "$(cat invalid)" ;;
esac
# A strict schema: a key that is not described does not pass.
sed 's/"status"/"other_key": 1, "status"/' "documents/001 tree status 0" >another-key
if /usr/bin/python3 "$here/validate_json.py" another-key >/dev/null; then fail "an unknown key passed"; fi
