/** Computes XXH64 with seed 0 (github.com/Cyan4973/xxHash, doc/xxhash_spec.md). The hash maps keys to partitions, so it must not change. */

const mask = 0xffffffffffffffffn;
const prime1 = 0x9e3779b185ebca87n;
const prime2 = 0xc2b2ae3d27d4eb4fn;
const prime3 = 0x165667b19e3779f9n;
const prime4 = 0x85ebca77c2b2ae63n;
const prime5 = 0x27d4eb2f165667c5n;
const stripeBytes = 32;

const rotate = (value: bigint, bits: bigint): bigint => ((value << bits) | (value >> (64n - bits))) & mask;
const multiply = (left: bigint, right: bigint): bigint => (left * right) & mask;
const round = (accumulator: bigint, lane: bigint): bigint =>
  multiply(rotate((accumulator + multiply(lane, prime2)) & mask, 31n), prime1);
const merge = (hash: bigint, accumulator: bigint): bigint => (multiply(hash ^ round(0n, accumulator), prime1) + prime4) & mask;

export function xxh64(key: Uint8Array): bigint {
  const view = new DataView(key.buffer, key.byteOffset, key.length);
  let at = 0;
  let hash = prime5;
  if (key.length >= stripeBytes) {
    const lanes: [bigint, bigint, bigint, bigint] = [(prime1 + prime2) & mask, prime2, 0n, mask + 1n - prime1];
    for (; key.length - at >= stripeBytes; at += stripeBytes) {
      for (let lane = 0; lane < lanes.length; lane++) {
        lanes[lane] = round(lanes[lane]!, view.getBigUint64(at + 8 * lane, true));
      }
    }

    hash = (rotate(lanes[0], 1n) + rotate(lanes[1], 7n) + rotate(lanes[2], 12n) + rotate(lanes[3], 18n)) & mask;
    hash = lanes.reduce(merge, hash);
  }

  hash = (hash + BigInt(key.length)) & mask;
  for (; key.length - at >= 8; at += 8) {
    hash = (multiply(rotate(hash ^ round(0n, view.getBigUint64(at, true)), 27n), prime1) + prime4) & mask;
  }

  if (key.length - at >= 4) {
    hash = (multiply(rotate(hash ^ multiply(BigInt(view.getUint32(at, true)), prime1), 23n), prime2) + prime3) & mask;
    at += 4;
  }

  for (; at < key.length; at++) {
    hash = multiply(rotate(hash ^ multiply(BigInt(key[at]!), prime5), 11n), prime1);
  }

  hash = multiply(hash ^ (hash >> 33n), prime2);
  hash = multiply(hash ^ (hash >> 29n), prime3);
  return hash ^ (hash >> 32n);
}
