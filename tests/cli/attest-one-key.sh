#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# attest --threshold: one key counts once, in whatever form it is written.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
for program in ssh-keygen openssl; do
  need_program $program
done

make_modules d a
modproof seal d -q
modproof manifest d -q -o my.manifest
mkdir keys

# one_key FILE FILE: the two envelopes are by one key; both count, as one.
one_key() {
  run attest --check "$1" "$2" --keys keys --threshold 2 my.manifest
  expect_status 1
  expect_match stdout "^$1: not-compared, signed by "
  expect_match stdout "^$2: not-compared, signed by "
  expect_match stdout '^1 key of 2 wanted'
  run attest --check "$1" "$2" --keys keys my.manifest --json
  expect_json .accepted true '.keys[0]' "$(/usr/bin/python3 -c 'import json, sys
print(json.load(open(sys.argv[1]))["envelopes"][0]["keys"][0])' "$scratch/out/stdout")"
  rm keys/*
}

# --- one point of an elliptic curve in several spellings -------------------------------------------
# The certificate of the key makes CMS count, and the key itself the bare signature.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ec.key -out ec.crt \
  -subj /CN=ec 2>/dev/null
modproof attest -q --x509-key ec.key -o bare.json my.manifest
modproof attest -q --x509-key ec.key --x509-cert ec.crt -o cms.json my.manifest
for form in "-conv_form compressed" "-param_enc explicit" "-conv_form compressed -param_enc explicit"; do
  # shellcheck disable=SC2086  # options
  openssl ec -in ec.key $form -pubout -out keys/a.pem 2>/dev/null
  cp ec.crt keys/b.crt
  one_key bare.json cms.json
done

# --- one key with SSH and with X.509 ---------------------------------------------------------------
for kind in rsa ecdsa ed25519; do
  if [ $kind = ed25519 ]; then
    openssl genpkey -algorithm ed25519 -out $kind.pem 2>/dev/null
    # OpenSSH does not read that file: its own format, from the same seed.
    /usr/bin/python3 - $kind.pem ssh-$kind <<'END'
import base64, subprocess, sys
der = lambda *more: subprocess.run(["openssl", "pkey", "-in", sys.argv[1], "-outform", "DER", *more],
                                   check=True, stdout=subprocess.PIPE).stdout
seed, public = der()[-32:], der("-pubout")[-32:]
def text(value):
    return len(value).to_bytes(4, "big") + value
blob = text(b"ssh-ed25519") + text(public)
secret = bytes(8) + blob + text(seed + public) + text(b"")
secret += bytes(range(1, 1 + -len(secret) % 8))
whole = (b"openssh-key-v1\0" + text(b"none") + text(b"none") + text(b"") + b"\0\0\0\1" + text(blob) +
         text(secret))
with open(sys.argv[2], "w") as file:
    print("-----BEGIN OPENSSH PRIVATE KEY-----", base64.encodebytes(whole).decode(), sep="\n", end="",
          file=file)
    print("-----END OPENSSH PRIVATE KEY-----", file=file)
END
    chmod 600 ssh-$kind
    ssh-keygen -y -f ssh-$kind >keys/a.pub
  else
    ssh-keygen -q -t $kind -m PEM -N '' -f ssh-$kind
    cp ssh-$kind.pub keys/a.pub
    cp ssh-$kind $kind.pem
  fi
  openssl pkey -in $kind.pem -pubout -out keys/b.pem
  modproof attest -q --ssh-key ssh-$kind -o ssh.json my.manifest
  modproof attest -q --x509-key $kind.pem -o x509.json my.manifest
  one_key ssh.json x509.json
done

# --- RSA whose certificate says that it signs with PSS only ----------------------------------------
openssl genpkey -algorithm rsa-pss -pkeyopt rsa_keygen_bits:2048 -out pss.key 2>/dev/null
# The same numbers as a key that signs as it likes.
openssl rsa -in pss.key -traditional -out rsa.key 2>/dev/null
sed -i 's/RSA-PSS PRIVATE/RSA PRIVATE/' rsa.key
openssl pkey -in pss.key -pubout -out keys/a.pem
openssl pkey -in rsa.key -pubout -out keys/b.pem
modproof attest -q --x509-key pss.key -o pss.json my.manifest
modproof attest -q --x509-key rsa.key -o rsa.json my.manifest
one_key pss.json rsa.json

# --- two keys are two ------------------------------------------------------------------------------
for name in a b; do
  openssl genpkey -algorithm ec -pkeyopt ec_paramgen_curve:P-256 -out $name.key
  openssl pkey -in $name.key -pubout -out keys/$name.pem
  modproof attest -q --x509-key $name.key -o $name.json my.manifest
done
run attest --check a.json b.json --keys keys --threshold 2 my.manifest
expect_status 0
