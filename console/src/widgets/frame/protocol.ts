import type { WidgetIdentity, WidgetState } from '@estream/sdk-browser';
import { parseJson, writeJson, type JsonObject } from '../../api/json';
import { DecodeError, Reader } from '../../api/reader';

/** What a frame gets when it starts. */
export interface FrameStart {
  type: 'start';
  /** The text of the runtime: React and the SDK. */
  runtime: string;
  /** The text of the bundle, whose hash the page has checked. */
  bundle: string;
  widget: WidgetIdentity;
  streams: readonly string[];
  tables: readonly string[];
  state: FrameProps;
}

/** The state of the page that a widget sees. */
export type FrameProps = WidgetState;

/** Lines of one subscription. */
export interface BatchItem {
  id: number;
  dropped: number;
  lines: readonly string[];
}

/** A message of the page to a frame. */
export type ToFrame =
  | FrameStart
  | { type: 'ping' }
  | { type: 'state'; state: Partial<FrameProps> }
  | { type: 'opened'; id: number }
  | { type: 'failed'; id: number; text: string; isSecurity: boolean }
  | { type: 'batch'; items: readonly BatchItem[] }
  | { type: 'stored'; id: number; value: string | null; error: string | null };

/** A message of a frame to the page, a JSON text: its length is its size, and it can contain no objects of the frame. */
export type FromFrame =
  | { type: 'hello'; origin: string }
  | { type: 'pong'; heap: number }
  | { type: 'ready' }
  | { type: 'error'; text: string }
  | { type: 'violation'; directive: string; uri: string }
  | { type: 'open'; id: number; source: string; maxPerSecond: number }
  | { type: 'close'; id: number }
  | { type: 'ack' }
  | { type: 'config'; config: JsonObject }
  | { type: 'storage'; id: number; op: 'get' | 'set' | 'remove'; key: string; value: string };

/** The most characters of a message of a frame. */
export const mostMessageChars = 65_536;

const longestReport = 2000;

/** Decodes a message of a frame. Throws {@link DecodeError} or SyntaxError for any other text: the code of a widget can send any text. */
export function decodeFromFrame(text: string): FromFrame {
  const message = Reader.of(parseJson(text), 'the message');
  const type = message.text('type');
  switch (type) {
    case 'hello':
      return { type, origin: message.text('origin') };
    case 'pong':
      return { type, heap: message.count('heap') };
    case 'ready':
    case 'ack':
      return { type };
    case 'error':
      return { type, text: message.text('text').slice(0, longestReport) };
    case 'violation':
      return { type, directive: message.text('directive').slice(0, longestReport), uri: message.text('uri').slice(0, longestReport) };
    case 'open':
      return { type, id: message.count('id'), source: message.text('source'), maxPerSecond: message.count('maxPerSecond') };
    case 'close':
      return { type, id: message.count('id') };
    case 'config':
      return { type, config: message.object('config').members };
    case 'storage':
      return {
        type,
        id: message.count('id'),
        op: storageOp(message.text('op')),
        key: message.text('key'),
        value: message.optionalText('value'),
      };
    default:
      throw new DecodeError('type', 'a message of the frame', type);
  }
}

export function encodeFromFrame(message: FromFrame): string {
  return writeJson(message as unknown as JsonObject);
}

function storageOp(op: string): 'get' | 'set' | 'remove' {
  if (op !== 'get' && op !== 'set' && op !== 'remove') {
    throw new DecodeError('op', 'get, set or remove', op);
  }
  return op;
}
