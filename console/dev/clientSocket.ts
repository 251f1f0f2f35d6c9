import { createHash } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { FrameSplitter, Op, PayloadReader, PayloadWriter, decode, encode } from '../../packages/client/src/frames.ts';
import { linesOf } from './mock/lines.ts';

const tickMs = 50;
const mostFrameBytes = 1_048_576;

/** Serves streams of the client protocol at `/api/client` from simulated data. It checks neither declarations nor credit. */
export function serveClients(server: Pick<Server, 'on'>): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    if (request.url === '/api/client') {
      accept(String(request.headers['sec-websocket-key']), socket);
    }
  });
}

function accept(key: string, socket: Duplex): void {
  const hash = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${hash}\r\n\r\n`);
  const splitter = new FrameSplitter();
  const timers = new Map<number, NodeJS.Timeout>();
  const send = (op: number, id: number, payload = new PayloadWriter()): void => void socket.write(webSocketFrame(payload.end(op, id)));
  const end = (id: number): void => {
    clearInterval(timers.get(id));
    timers.delete(id);
  };
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    for (let message = unmask(rest); message !== null; message = unmask(rest)) {
      rest = rest.subarray(message.end);
      if (message.op === 8) {
        socket.end();
        return;
      }
      for (const { op, id, payload } of splitter.push(message.payload, mostFrameBytes)) {
        const reader = new PayloadReader(payload);
        if (op === Op.hello) {
          send(Op.hello, id, new PayloadWriter().uint16(1).byte(2).uint32(mostFrameBytes));
        } else if (op === Op.unsubscribe) {
          end(reader.uint32());
          send(Op.unsubscribe, id);
        } else if (op === Op.streamSubscribe) {
          reader.raw(reader.uint16());
          const pattern = decode(reader.raw(reader.uint16()));
          const next = linesOf(pattern, reader.uint32());
          send(Op.streamSubscribe, id);
          const tick = (): void => {
            const lines = next(tickMs);
            if (lines.length > 0) {
              send(Op.streamMessages, id, new PayloadWriter().uint32(0).raw(encode(lines.map((line) => `${line}\n`).join(''))));
            }
          };
          tick();
          timers.set(id, setInterval(tick, tickMs));
        }
      }
    }
  });
  const close = (): void => [...timers.keys()].forEach(end);
  socket.on('close', close);
  socket.on('error', close);
}

/** The first message of a browser, whose bytes are masked; null if it is not complete. */
function unmask(bytes: Buffer): { op: number; payload: Buffer; end: number } | null {
  const [first = 0, second = 0] = bytes;
  const short = second & 0x7f;
  const start = (short === 126 ? 4 : short === 127 ? 10 : 2) + 4;
  if (bytes.length < start) {
    return null;
  }
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  const end = start + length;
  if (bytes.length < end) {
    return null;
  }
  const mask = bytes.subarray(start - 4, start);
  return { op: first & 0x0f, payload: bytes.subarray(start, end).map((byte, index) => byte ^ mask[index % 4]!) as Buffer, end };
}

function webSocketFrame(payload: Uint8Array): Buffer {
  const header = Buffer.alloc(payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10);
  header[0] = 0x82;
  if (header.length === 2) {
    header[1] = payload.length;
  } else if (header.length === 4) {
    header[1] = 126;
    header.writeUInt16BE(payload.length, 2);
  } else {
    header[1] = 127;
    header.writeBigUInt64BE(BigInt(payload.length), 2);
  }
  return Buffer.concat([header, payload]);
}
