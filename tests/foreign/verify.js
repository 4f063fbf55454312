// SPDX-License-Identifier: LGPL-2.1-or-later
// Verifies an envelope as a client of sigstore does, with its libraries and none of our code.
//
//     verify.js ENVELOPE PUBLIC-KEY.pem PAE
//
// The envelope goes unchanged into a bundle, the form in which sigstore wants it; PAE gets what its
// library says the signature is over. Prints the statement. Exit status 1, and the reason on standard
// error, if the signature is not one of this key over it, or the envelope is none.
import { readFileSync, writeFileSync } from "node:fs";
import { bundleFromJSON } from "@sigstore/bundle";
import { crypto, dsse } from "@sigstore/core";
import { Verifier, toSignedEntity } from "@sigstore/verify";

const [envelopePath, keyPath, paePath] = process.argv.slice(2);
const envelope = JSON.parse(readFileSync(envelopePath, "utf8"));
const key = crypto.createPublicKey(readFileSync(keyPath, "utf8"));

try {
  const bundle = bundleFromJSON({
    mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
    verificationMaterial: { publicKey: { hint: "" } },
    dsseEnvelope: envelope,
  });
  const { payloadType, payload } = bundle.content.dsseEnvelope;
  writeFileSync(paePath, dsse.preAuthEncoding(payloadType, payload));
  // A key and no log: what `cosign verify-blob-attestation --key` checks with --insecure-ignore-tlog.
  const trust = {
    certificateAuthorities: [],
    timestampAuthorities: [],
    tlogs: [],
    ctlogs: [],
    publicKey: () => ({ publicKey: key, validFor: () => true }),
  };
  new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, tsaThreshold: 0 }).verify(
    toSignedEntity(bundle),
  );
  process.stdout.write(payload);
} catch (error) {
  console.error(`${error.code ?? error.name}: ${error.message}`);
  process.exit(1);
}
