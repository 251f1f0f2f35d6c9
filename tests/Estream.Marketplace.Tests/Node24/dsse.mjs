// Verifies and creates envelopes as docs/formats/release.md specifies, with the OpenSSL of Node 24 and without product code.
import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const idOf = key => createHash('sha256').update(key.export({ type: 'spki', format: 'der' })).digest('hex');
const contextOf = type => Buffer.from(`estream-mkt/${type}/v1`);
const payloadTypeOf = type => `application/vnd.estream.${type}.v1+json`;

function encoded(payloadType, payload) {
  const type = Buffer.from(payloadType);
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${payloadType} ${payload.length} `), payload]);
}

function isSigned(envelope, type, key, ed25519) {
  const bytes = encoded(envelope.payloadType, Buffer.from(envelope.payload, 'base64'));
  const by = (id, check) => envelope.signatures.some(one => one.keyid === id && check(Buffer.from(one.sig, 'base64')));
  return envelope.payloadType === payloadTypeOf(type)
    && by(idOf(key), signature => verify(null, bytes, { key, context: contextOf(type) }, signature))
    && (!ed25519 || by(idOf(ed25519), signature => verify(null, bytes, ed25519, signature)));
}

const answers = JSON.parse(readFileSync(process.argv[2])).map(({ Type, Envelope, MlDsa87Pem, Ed25519Pem }) => {
  const key = createPublicKey(MlDsa87Pem), ed25519 = Ed25519Pem ? createPublicKey(Ed25519Pem) : null;
  const envelope = JSON.parse(Envelope), payload = Buffer.from(envelope.payload, 'base64');
  const theirs = generateKeyPairSync('ml-dsa-87'), theirsToo = generateKeyPairSync('ed25519');
  const bytes = encoded(envelope.payloadType, payload);
  const own = {
    payloadType: envelope.payloadType,
    payload: payload.toString('base64'),
    signatures: [
      { keyid: idOf(theirs.publicKey), sig: sign(null, bytes, { key: theirs.privateKey, context: contextOf(Type) }).toString('base64') },
      { keyid: idOf(theirsToo.publicKey), sig: sign(null, bytes, theirsToo.privateKey).toString('base64') },
    ],
  };
  const other = { ...envelope, payload: Buffer.concat([payload, Buffer.from(' ')]).toString('base64') };
  return {
    MlDsa87Id: idOf(key),
    Verified: isSigned(envelope, Type, key, ed25519),
    VerifiedOther: isSigned(other, Type, key, ed25519),
    VerifiedAsAnother: verify(null, bytes, { key, context: contextOf('another') }, Buffer.from(envelope.signatures[0].sig, 'base64')),
    Digest: createHash('sha256').update(payload).digest('hex'),
    Envelope: JSON.stringify(own),
    MlDsa87Pem: theirs.publicKey.export({ type: 'spki', format: 'pem' }),
    Ed25519Pem: theirsToo.publicKey.export({ type: 'spki', format: 'pem' }),
  };
});
writeFileSync(process.argv[3], JSON.stringify(answers));
