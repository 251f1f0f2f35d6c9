// The other side of DsaPeerTests.cs: the same keys, messages and contexts through @noble/post-quantum.
import { readFileSync, writeFileSync } from 'node:fs';
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';

const [casesFile, answersFile] = process.argv.slice(2);
const sets = { 44: ml_dsa44, 65: ml_dsa65, 87: ml_dsa87 };
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (data) => Buffer.from(data).toString('hex');

const answers = JSON.parse(readFileSync(casesFile, 'utf8')).map(({ Set, Seed, Data, Context, Signature }) => {
  const dsa = sets[Set];
  const { publicKey, secretKey } = dsa.keygen(bytes(Seed));
  const context = bytes(Context);
  return {
    PublicKey: hex(publicKey),
    PrivateKey: hex(secretKey),
    Verified: dsa.verify(bytes(Signature), bytes(Data), publicKey, { context }),
    VerifiedOther: dsa.verify(bytes(Signature), bytes(Data + '00'), publicKey, { context }),
    Deterministic: hex(dsa.sign(bytes(Data), secretKey, { context, extraEntropy: false })),
    Hedged: hex(dsa.sign(bytes(Data), secretKey, { context })),
  };
});
writeFileSync(answersFile, JSON.stringify(answers));
