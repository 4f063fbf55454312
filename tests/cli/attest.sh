#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# attest: signed with each kind of key and checked; whatever is changed, unknown, missing or counted
# twice is refused.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
for program in ssh-keygen gpg openssl; do
  need_program $program
done
# The name of the socket of gpg's agent may have no more than 107 bytes, in the tool's home for gpg as well.
short=$(mktemp -d /tmp/modproof-test-XXXXXX)
trap 'gpgconf --kill all || true; rm -rf "$short" || true; clean_up' EXIT
export HOME=$scratch GNUPGHOME=$short/gnupg
mkdir -m 700 "$GNUPGHOME" "$short/tmp"
export TMPDIR=$short/tmp # has to be empty in the end

make_modules d a b c
modproof seal d -q
root=$(root_of d/modules.merkle)
modproof manifest d -q -o my.manifest
echo kernel >vmlinuz
echo package >linux.deb
files=(my.manifest vmlinuz linux.deb)

mkdir secret keys
for name in alice bob mallory; do
  ssh-keygen -q -t ed25519 -N '' -C "$name at home" -f secret/$name
done
gpg --batch --quiet --passphrase '' --quick-gen-key 'Carol <carol@example.org>' ed25519 sign never 2>"$scratch/out/gpg" ||
  fail "gpg: $(cat "$scratch/out/gpg")"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout secret/dave.key \
  -out secret/dave.crt -subj /CN=dave 2>/dev/null
openssl req -x509 -key secret/dave.key -out secret/dave-again.crt -subj /CN=other 2>/dev/null
cp secret/alice.pub secret/bob.pub secret/dave.crt keys
gpg --batch --armor --export carol@example.org >keys/carol.asc

# --- each kind of key ------------------------------------------------------------------------------
run attest --ssh-key secret/alice -o alice.json "${files[@]}"
expect 0 "alice.json: root $root and 3 files, not-compared" ''
modproof attest -q --ssh-key secret/bob -o bob.json "${files[@]}"
modproof attest -q --ssh-key secret/mallory -o mallory.json "${files[@]}"
modproof attest -q --gpg-key carol@example.org -o carol.json "${files[@]}"
modproof attest -q --x509-key secret/dave.key --x509-cert secret/dave.crt -o dave.json "${files[@]}"
alice=$(ssh-keygen -lf secret/alice.pub | cut -d' ' -f2)
carol=$(gpg --with-colons --list-keys carol@example.org | awk -F: '/^fpr/ {print $10; exit}')
dave=$(openssl x509 -in secret/dave.crt -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1)
while read -r name key; do
  run attest --check "$name.json" --keys keys "${files[@]}"
  expect 0 "$name.json: not-compared, signed by $key
1 key, root $root, 3 files compared: accepted" ''
done <<END
alice SSH $alice
carol OpenPGP $carol
dave X.509 SHA256:$dave
END

# Bare signatures: of a key whose certificate is trusted, which is the same key as with CMS, and of one
# that is trusted without a certificate.
modproof attest -q --x509-key secret/dave.key -o bare.json "${files[@]}"
run attest --check bare.json --keys keys "${files[@]}"
expect 0 "bare.json: not-compared, signed by X.509 SHA256:$dave
1 key, root $root, 3 files compared: accepted" ''
run attest --check bare.json dave.json --keys keys --threshold 2 "${files[@]}"
expect_status 1
expect_match stdout '^1 key of 2 wanted'
cp -r keys bare-keys
for kind in "rsa -pkeyopt rsa_keygen_bits:2048" ed25519; do
  # shellcheck disable=SC2086  # options
  openssl genpkey -algorithm $kind -out secret/erin.key 2>/dev/null
  openssl pkey -in secret/erin.key -pubout -out bare-keys/erin.pem
  modproof attest -q --x509-key secret/erin.key -o erin.json "${files[@]}"
  erin=$(openssl pkey -in secret/erin.key -pubout -outform DER | sha256sum | cut -d' ' -f1)
  run attest --check erin.json bare.json carol.json --keys bare-keys --threshold 3 "${files[@]}"
  expect_status 0
  expect_match stdout "^erin\.json: not-compared, signed by X\.509 SHA256:$erin\$"
  run attest --check erin.json --keys keys "${files[@]}"
  expect_status 1
  sed 's/"sig":"A/"sig":"B/; t; s/"sig":"./"sig":"A/' erin.json >changed.json
  run attest --check changed.json --keys bare-keys "${files[@]}"
  expect_status 1
done
# A key is one key, with and without its certificate.
openssl pkey -in secret/dave.key -pubout -out bare-keys/dave.pem
run attest --check bare.json dave.json --keys bare-keys --threshold 2 "${files[@]}"
expect_status 1
expect_match stdout '^1 key of 2 wanted'
rm bare-keys/dave.crt
run attest --check bare.json dave.json --keys bare-keys --threshold 1 "${files[@]}"
expect_status 0
expect_match stdout '^dave\.json: does not count'
cat secret/dave-again.crt >>bare-keys/dave.pem
run attest --check bare.json --keys bare-keys "${files[@]}"
expect_status 2
expect_match stderr '^modproof: bare-keys/dave\.pem: not one certificate or public key'

# The statement depends on nothing but the files; every envelope holds the same.
(mkdir other && cp "${files[@]}" other && cd other && modproof attest --unsigned linux.deb vmlinuz my.manifest) 2>/dev/null &&
  fail "a package was taken for a manifest"
(cd other && modproof attest --unsigned my.manifest linux.deb vmlinuz) >statement
payload() { /usr/bin/python3 -c 'import base64, json, sys
print(base64.b64decode(json.load(open(sys.argv[1]))["payload"]).decode())' "$1"; }
for name in alice carol dave; do
  payload $name.json | cmp - statement || fail "$name attests another statement"
done

# --- who signed ------------------------------------------------------------------------------------
run attest --check mallory.json --keys keys "${files[@]}"
expect 1 "mallory.json: does not count: no good signature by a key of keys
no root is attested by more keys than any other: refused" ''
run attest --check alice.json bob.json --keys keys --threshold 2 --root "$root"
expect_status 0
run attest --check alice.json carol.json dave.json mallory.json --keys keys --threshold 3 "${files[@]}"
expect_status 0
run attest --check alice.json mallory.json --keys keys "${files[@]}" # no threshold: all have to count
expect_status 1
run attest --check alice.json mallory.json --keys keys --threshold 2 "${files[@]}"
expect_status 1
# One key counts once: in two envelopes, under two names and comments, in two certificates.
cp -r keys more
sed 's/ alice at home$/ another comment/' secret/alice.pub >more/zed.pub
cp secret/dave-again.crt more/zed.crt
cp alice.json copy.json
modproof attest -q --x509-key secret/dave.key --x509-cert secret/dave-again.crt -o dave2.json "${files[@]}"
run attest --check alice.json copy.json --keys more --threshold 2 "${files[@]}"
expect_status 1
expect_match stdout "^1 key of 2 wanted, root $root, 3 files compared: refused\$"
run attest --check dave.json dave2.json --keys more --threshold 2 "${files[@]}"
expect_status 1
expect_match stdout '^1 key of 2 wanted'

# --- what was signed -------------------------------------------------------------------------------
# envelope FILE PYTHON: FILE from alice.json, changed by PYTHON, signed again by alice if that sets
# `again`.
envelope() {
  /usr/bin/python3 - "$@" <<'END'
import base64, json, os, subprocess, sys
e = json.load(open("alice.json"))
p = base64.b64decode(e["payload"])
s = json.loads(p)
again = namespace = None
type_ = e["payloadType"]
exec(sys.argv[2])
if again:
    p = json.dumps(s).encode() if p == base64.b64decode(e["payload"]) else p
    with open("pae", "wb") as f:
        f.write(b"DSSEv1 %d %s %d %s" % (len(type_), type_.encode(), len(p), p))
    subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-f", "secret/alice", "-n",
                    namespace or "modproof-attest", "pae"], check=True, stderr=subprocess.DEVNULL)
    e["signatures"][0]["sig"] = base64.b64encode(open("pae.sig", "rb").read()).decode()
    os.remove("pae.sig")
e["payload"] = base64.b64encode(p).decode() if isinstance(p, bytes) else p
with open(sys.argv[1], "w") as f:
    json.dump(e, f)
END
}
# changed STATUS PYTHON [MESSAGE]
changed() {
  envelope changed.json "$2"
  run attest --check changed.json --keys keys "${files[@]}"
  expect_status "$1"
  [ -z "${3:-}" ] || expect_match "$([ "$1" -eq 2 ] && echo stderr || echo stdout)" "$3"
}
changed 0 'again = 1'
changed 0 'e["signatures"][0]["keyid"] = "anything"'
changed 1 'p = p.replace(b"x86_64", b"x86_65")' 'no good signature'
changed 1 'e["signatures"][0]["sig"] = base64.b64encode(p).decode()' 'no good signature'
changed 1 'again = 1; namespace = "git"' 'no good signature'
changed 1 'again = 1; type_ = "text/plain"' 'no good signature'
changed 2 'e["payloadType"] = "text/plain"' 'text/plain'
changed 0 'e["extra"] = 1; e["signatures"][0]["extra"] = 1' # as DSSE wants it: nobody signed them
changed 2 'del e["signatures"]' 'no signature'
changed 2 'del e["signatures"][0]["sig"]' "'sig' is missing"
changed 2 'e["signatures"] = []' 'no signature'
changed 2 'p = e["payload"] + "\n"' base64
changed 2 'again = 1; s["extra"] = 1' "field 'extra'"
changed 2 'again = 1; del s["predicate"]["kernel"]' "no 'kernel'"
changed 2 'again = 1; p = p.replace(b"{", b"{\"_type\":\"x\",", 1)' "'_type' stands twice"
changed 2 'again = 1; s["subject"].append(s["subject"][0])' 'stands twice'
changed 2 'again = 1; s["predicate"]["verdict"] = "reproduced"' "'verdict'"
changed 2 'again = 1; s["predicateType"] = "urn:x"' 'unknown to this release'
changed 1 'again = 1; s["subject"][0]["digest"]["sha256"] = "00" * 32' 'is not the file that it attests'
# What it says of the build is what the manifest at hand says.
other='changed.json: does not count: it attests another build: my.manifest '
changed 1 'again = 1; s["predicate"]["kernel"] = "6.6.6"' "^${other}is of kernel ''"
changed 1 'again = 1; s["predicate"]["architecture"] = "s390x"' "^${other}is of architecture 'x86_64'"
changed 1 'again = 1; s["predicate"]["modules"] = 4' "^${other}has 3 modules"
changed 1 'again = 1; old = s["predicate"]["root"]; new = "sha256:9:" + "00" * 32
s["predicate"]["root"] = new
[i.update(name=new, digest={"sha256": "00" * 32}) for i in s["subject"] if i["name"] == old]' "^${other}has root $root"
changed 1 'again = 1; s["predicate"]["manifest"] = "vmlinuz"' 'vmlinuz, .*, is no manifest'
head -c 300 alice.json >cut.json
run attest --check cut.json --keys keys "${files[@]}"
expect 2 '' 'modproof: cut.json: no JSON in UTF-8'

# Signatures of trusted keys that are not good for these bytes as they are.
echo other >unrelated
from_file='e["signatures"][0]["sig"] = base64.b64encode(open("s", "rb").read()).decode()'
by_carol() { gpg --batch --quiet --yes -u carol@example.org -o s "$@"; }
by_dave() { openssl cms -sign -binary -signer secret/dave.crt -inkey secret/dave.key -outform DER -out s "$@"; }
payload alice.json | head -c -1 >body
printf 'DSSEv1 28 application/vnd.in-toto+json %d %s' "$(stat -c %s body)" "$(cat body)" >pae
by_carol --detach-sign pae
changed 0 "$from_file"
cat s s >twice
mv twice s
changed 1 "$from_file" 'no good signature'
by_carol --textmode --detach-sign pae
changed 1 "$from_file" 'no good signature'
by_carol --digest-algo SHA1 --detach-sign pae
changed 1 "$from_file" 'no good signature'
by_carol --sign pae
changed 1 "$from_file" 'no good signature'
by_carol --detach-sign unrelated
changed 1 "$from_file" 'no good signature'
by_dave -in pae
changed 0 "$from_file"
by_dave -md sha512 -in pae
changed 0 "$from_file"
by_dave -md sha1 -in pae
changed 1 "$from_file" 'no good signature'
by_dave -in unrelated -nodetach
changed 1 "$from_file" 'no good signature'
openssl crl2pkcs7 -nocrl -certfile secret/dave.crt -outform DER -out s # nobody signed it
changed 1 "$from_file" 'no good signature'

# --- the files at hand -----------------------------------------------------------------------------
run attest --check alice.json --keys keys my.manifest vmlinuz
expect_status 1
expect_match stdout 'its subject linux.deb is not among the files named'
run attest --check alice.json --keys keys --partial my.manifest vmlinuz
expect_status 0
echo x >stranger
run attest --check alice.json --keys keys --partial stranger
expect_status 1
flip other/vmlinuz 2
run attest --check alice.json --keys keys my.manifest other/vmlinuz linux.deb
expect_status 1
expect_match stdout 'vmlinuz is not the file that it attests'
run attest --check alice.json --keys keys --root "sha256:2:$(printf '00%.0s' {1..32})" "${files[@]}"
expect_status 1
expect_match stdout "it attests root $root"
run attest --check alice.json --keys keys
expect 2 '' 'modproof: nothing to compare with: name the files, or give --root'
run attest --check alice.json my.manifest --keys keys
expect 2 '' 'modproof: nothing to compare with: name the files, or give --root; my.manifest counts as an envelope, as all names between --check and the next option do'

# The alphabet for URLs is the other one that DSSE allows.
/usr/bin/python3 - <<'END'
import base64, json
e = json.load(open("bare.json"))
for holder, key in (e, "payload"), (e["signatures"][0], "sig"):
    holder[key] = base64.urlsafe_b64encode(base64.b64decode(holder[key])).decode()
json.dump(e, open("url.json", "w"))
END
run attest --check url.json --keys keys "${files[@]}"
expect_status 0

# --- files of strangers ----------------------------------------------------------------------------
# They must not keep the others from being counted, where keys are counted.
echo '{}' >empty.json
envelope unknown.json 'again = 1; s["extra"] = 1'
run attest --check empty.json alice.json unknown.json cut.json bob.json --keys keys --threshold 2 "${files[@]}"
expect_status 0
expect_match stdout "^empty\.json: does not count: 'payloadType' is missing"
expect_match stdout "^unknown\.json: does not count: .*field 'extra'"
expect_match stdout '^cut\.json: does not count: no JSON in UTF-8$'
expect_match stdout "^2 keys of 2 wanted, root $root, 3 files compared: accepted\$"
run attest --check empty.json alice.json --keys keys --threshold 2 "${files[@]}"
expect_status 1
run attest --check empty.json alice.json --keys keys "${files[@]}"
expect_status 2
expect_match stderr "^modproof: empty\.json: 'payloadType' is missing"
run attest --check missing.json alice.json --keys keys --threshold 1 "${files[@]}"
expect_status 2

# --- what cannot be attested or trusted ------------------------------------------------------------
sed 's/ a$/ z/' my.manifest >bad.manifest
run attest --unsigned bad.manifest
expect_status 2
expect_match stderr '^modproof: bad.manifest: '
run attest --unsigned my.manifest vmlinuz other/vmlinuz
expect_status 2
sed 's/^architecture .*/architecture s390x/' my.manifest >other.manifest
run attest --unsigned my.manifest other.manifest
expect 2 '' "modproof: other.manifest: a manifest of another build: it is of architecture 's390x'"
run attest my.manifest
expect_status 2
expect_match stderr 'give one of'
run attest --ssh-key secret/alice --unsigned my.manifest
expect_status 2
run attest --check alice.json --keys keys --unsigned "${files[@]}"
expect_status 2
run attest --ssh-key missing my.manifest
expect_status 2
expect_match stderr '^modproof: missing: ssh-keygen: exit status 255: .*[a-z]$'
for name in secret/alice=x.pub secret/dave.key=x.pem vmlinuz=x.asc vmlinuz=x.crt vmlinuz=x.txt; do
  mkdir distrusted
  cp "${name%=*}" "distrusted/${name#*=}"
  run attest --check alice.json --keys distrusted "${files[@]}"
  expect_status 2
  expect_match stderr "^modproof: distrusted/${name#*=}: "
  rm -r distrusted
done

# A directory that looks like an option to the programs that get it.
mkdir -- -tmp
for key in "--ssh-key secret/alice" "--gpg-key carol@example.org" "--x509-key secret/dave.key"; do
  # shellcheck disable=SC2086  # options
  TMPDIR=-tmp run attest $key -o dash.json "${files[@]}"
  expect_status 0
  TMPDIR=-tmp run attest --check dash.json --keys keys "${files[@]}"
  expect_status 0
done
rmdir -- -tmp

left=$(ls -A "$TMPDIR")
[ -z "$left" ] || fail "left behind: $left"
