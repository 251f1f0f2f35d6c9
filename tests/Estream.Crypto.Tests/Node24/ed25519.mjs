// The other side of Ed25519PeerTests.cs: the same keys and messages through the OpenSSL of Node.js 24.
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const [casesFile, answersFile] = process.argv.slice(2);
const bytes = (hex) => Buffer.from(hex, 'hex');
const spki = { type: 'spki', format: 'pem' };
const pkcs8 = { type: 'pkcs8', format: 'pem' };

const answers = JSON.parse(readFileSync(casesFile, 'utf8')).map(({ PrivatePem, PublicPem, Data, Signature }) => {
  const data = bytes(Data), own = createPrivateKey(PrivatePem), key = createPublicKey(PublicPem);
  const theirs = generateKeyPairSync('ed25519');
  return {
    Algorithm: key.asymmetricKeyType,
    PublicAgain: createPublicKey(own).export(spki),
    PrivateAgain: own.export(pkcs8),
    Verified: verify(null, data, key, bytes(Signature)),
    VerifiedOther: verify(null, Buffer.concat([data, Buffer.of(0)]), key, bytes(Signature)),
    Signature: sign(null, data, own).toString('hex'),
    TheirPrivate: theirs.privateKey.export(pkcs8),
    TheirPublic: theirs.publicKey.export(spki),
    TheirSignature: sign(null, data, theirs.privateKey).toString('hex'),
  };
});
writeFileSync(answersFile, JSON.stringify(answers));
