/** A byte stream to a host. */
export interface Transport {
  /** Sends bytes; they are copied or sent before the call returns to the event loop. */
  send(bytes: Uint8Array): void;
  close(): void;
}

export interface TransportEvents {
  data(bytes: Uint8Array): void;
  closed(reason: Error): void;
}

/** Opens a byte stream. Closes it when the signal aborts, also while it is being opened. */
export type Connector = (events: TransportEvents, signal: AbortSignal) => Promise<Transport>;

/** Connects by WebSocket, for browsers: `wss://HOST/api/client`. */
export function webSocket(address: string): Connector {
  return (events, signal) =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(address);
      signal.addEventListener("abort", () => socket.close());
      socket.binaryType = "arraybuffer";
      let isOpen = false;
      socket.onopen = () => {
        isOpen = true;
        resolve({ send: (bytes) => socket.send(bytes.slice()), close: () => socket.close() });
      };
      socket.onmessage = (message) => events.data(new Uint8Array(message.data as ArrayBuffer));
      socket.onclose = () => {
        const reason = new Error(`The connection to ${address} was closed.`);
        if (isOpen) {
          events.closed(reason);
        } else {
          reject(reason);
        }
      };
    });
}
