// The other side of PeerTests.cs: the same keys and ciphertexts through @noble/post-quantum.
import { readFileSync, writeFileSync } from 'node:fs';
import { ml_kem1024 } from '@noble/post-quantum/ml-kem.js';

const [casesFile, answersFile] = process.argv.slice(2);
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (data) => Buffer.from(data).toString('hex');

const answers = JSON.parse(readFileSync(casesFile, 'utf8')).map(({ Seed, Ciphertext, Changed }) => {
  const { publicKey, secretKey } = ml_kem1024.keygen(bytes(Seed));
  const { cipherText, sharedSecret } = ml_kem1024.encapsulate(publicKey);
  return {
    PublicKey: hex(publicKey),
    PrivateKey: hex(secretKey),
    Secret: hex(ml_kem1024.decapsulate(bytes(Ciphertext), secretKey)),
    Rejected: hex(ml_kem1024.decapsulate(bytes(Changed), secretKey)),
    Ciphertext: hex(cipherText),
    CiphertextSecret: hex(sharedSecret),
  };
});
writeFileSync(answersFile, JSON.stringify(answers));
