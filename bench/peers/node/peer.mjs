// A contender of the scenario `sign`: IMPLEMENTATION STEP OPERATIONS. Prints `ready`, then answers every `run` with one line.
// opcua.mjs is that of `opcua-read`.
import { createInterface } from 'node:readline';
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';

const [implementation, step, count] = process.argv.slice(2);
const operations = Number(count);
const data = new Uint8Array(64), context = new Uint8Array(16);

function openssl() {
  const { publicKey, privateKey } = generateKeyPairSync('ml-dsa-87');
  return {
    keygen: () => generateKeyPairSync('ml-dsa-87').publicKey !== undefined,
    sign: () => sign(null, data, { key: privateKey, context }),
    verify: (signature) => verify(null, data, { key: publicKey, context }, signature),
  };
}

function noble() {
  const { publicKey, secretKey } = ml_dsa87.keygen();
  return {
    keygen: () => ml_dsa87.keygen().publicKey !== undefined,
    sign: () => ml_dsa87.sign(data, secretKey, { context }),
    verify: (signature) => ml_dsa87.verify(signature, data, publicKey, { context }),
  };
}

const peer = implementation === 'node-24' ? openssl() : noble();

function run() {
  const nanos = new Float64Array(operations);
  let signature = peer.sign(), done = 0;
  for (let i = 0; i < operations; i++) {
    data[0] = i;
    data[1] = i >> 8;
    if (step === 'verify') signature = peer.sign();
    const before = process.hrtime.bigint();
    const result = peer[step](signature);
    nanos[i] = Number(process.hrtime.bigint() - before);
    if (step === 'sign') signature = result;
    if (step === 'sign' ? peer.verify(signature) : result) done++;
  }

  if (done !== operations) throw new Error(`${done} of ${operations} were right`);
  nanos.sort();
  const at = (share) => Math.round(nanos[Math.floor(share * (operations - 1))]);
  const sum = Math.max(1, Math.round(nanos.reduce((a, b) => a + b, 0)));
  return `run ops=${operations} ns=${sum} check=${done} p50=${at(0.5)} p99=${at(0.99)} p999=${at(0.999)}`;
}

console.log('ready');
createInterface({ input: process.stdin }).on('line', () => console.log(run()));
