#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# OpenSSL is loaded by what needs it and by nothing else; where it cannot be loaded, that is said.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

make_modules d a b c
modproof seal d -q -o tree
root=$(root_of tree)

# loads COMMAND...: whether the dynamic linker opens libcrypto for it (which it says on stderr).
loads() {
  LD_DEBUG=files "$MODPROOF" "$@" 2>&1 >/dev/null | grep -q 'calling init: .*libcrypto'
}

# The message names the backends that this machine has; with one of its own, OpenSSL's is not needed.
MODPROOF_SHA256=none run verify d/a.ko -r "$root"
expect_status 2
if grep -q 'there is: .*, openssl$' "$scratch/out/stderr"; then
  loads verify d/a.ko -r "$root" && fail "libcrypto was loaded to verify a module"
  loads info d/a.ko && fail "libcrypto was loaded to show a module"
fi
MODPROOF_SHA256=openssl loads verify d/a.ko -r "$root" || fail "libcrypto was not loaded for MODPROOF_SHA256=openssl"

# The note for packagers that libcrypto is loaded: 12 bytes of head, FDO and a zero, JSON.
objcopy --dump-section .note.dlopen=note "$MODPROOF" /dev/null
/usr/bin/python3 - <<'END' || fail "the note for packagers is not as it should be"
import json, struct
note = open("note", "rb").read()
owner_size, size, kind = struct.unpack("III", note[:12])
assert (owner_size, kind, note[12:16]) == (4, 0x407c0c0a, b"FDO\0") and len(note) == 16 + (size + 3) // 4 * 4
assert json.loads(note[16:16 + size - 1])[0]["soname"] == ["libcrypto.so.3"]
END

# A library of this name that holds nothing.
mkdir empty
echo | cc -shared -x c - -o empty/libcrypto.so.3
LD_LIBRARY_PATH=$PWD/empty MODPROOF_SHA256=openssl run verify d/a.ko -r "$root"
expect_status 2
expect_match stderr 'OpenSSL is needed here and cannot be loaded: .*libcrypto.so.3.*; install OpenSSL 3$'
