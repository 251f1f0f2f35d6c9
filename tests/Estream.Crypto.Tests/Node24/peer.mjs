// The other side of DsaPeerTests.cs: the same keys, messages and contexts through the OpenSSL of Node.js 24.
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const [casesFile, answersFile] = process.argv.slice(2);
const bytes = (hex) => Buffer.from(hex, 'hex');
const spki = { type: 'spki', format: 'pem' };
const pkcs8 = { type: 'pkcs8', format: 'pem' };

const answers = JSON.parse(readFileSync(casesFile, 'utf8')).map(({ SeedPem, ExpandedPem, PublicPem, Data, Context, Signature }) => {
  const data = bytes(Data), context = bytes(Context);
  const fromSeed = createPrivateKey(SeedPem), expanded = createPrivateKey(ExpandedPem), key = createPublicKey(PublicPem);
  const theirs = generateKeyPairSync('ml-dsa-87');
  return {
    Algorithm: key.asymmetricKeyType,
    PublicOfSeed: createPublicKey(fromSeed).export(spki),
    PublicOfExpanded: createPublicKey(expanded).export(spki),
    Verified: verify(null, data, { key, context }, bytes(Signature)),
    VerifiedOther: verify(null, Buffer.concat([data, Buffer.of(0)]), { key, context }, bytes(Signature)),
    Signature: sign(null, data, { key: fromSeed, context }).toString('hex'),
    SeedAgain: fromSeed.export(pkcs8),
    TheirPrivate: theirs.privateKey.export(pkcs8),
    TheirPublic: theirs.publicKey.export(spki),
    TheirSignature: sign(null, data, { key: theirs.privateKey, context }).toString('hex'),
  };
});
writeFileSync(answersFile, JSON.stringify(answers));
