import type { Reader } from './reader';

/** A queue or map that is replicated through brokers. */
export interface ReplicatedPart {
  name: string;
  /** `queue` or `map`. */
  kind: string;
  /** `publisher` or `follower`. */
  role: string;
  /** `starting`, `disconnected`, `catching up`, `running`, `fenced` or `failed`. */
  state: string;
  detail: string;
  /** The host that owns a followed map; empty if it is not known. */
  owner: string;
  epoch: number;
  /** The position up to which the log is replicated. */
  position: bigint;
  /** The spool of a publisher: messages and bytes that no majority of the brokers has confirmed. */
  lagMessages: number;
  lagBytes: number;
  /** Of a publisher, how long nothing was confirmed; of a follower, the age of its newest message. Negative if it is not known. */
  lagSeconds: number;
  connectionsTotal: number;
  unreadableTotal: number;
}

export function decodeReplicatedPart(part: Reader): ReplicatedPart {
  return {
    name: part.text('queue'),
    kind: part.optionalText('kind', 'queue'),
    role: part.text('role'),
    state: part.text('state'),
    detail: part.optionalText('detail'),
    owner: part.optionalText('owner'),
    epoch: part.count('epoch'),
    position: part.exact('position'),
    lagMessages: part.count('lagMessages'),
    lagBytes: part.count('lagBytes'),
    lagSeconds: part.count('lagSeconds'),
    connectionsTotal: part.count('connectionsTotal'),
    unreadableTotal: part.count('unreadableTotal'),
  };
}
