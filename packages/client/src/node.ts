/** Connections of Node.js: TLS, TCP and Unix sockets. */
import net from "node:net";
import tls from "node:tls";
import type { Connector } from "./transport.js";

const defaultPort = 5082;

/** Connects to `estreams://HOST:PORT` (TLS), `estream://HOST:PORT` or `unix:/PATH`. */
export function nodeSocket(address: string, options: tls.ConnectionOptions = {}): Connector {
  return (events, signal) =>
    new Promise((resolve, reject) => {
      const socket = open(address, options);
      signal.addEventListener("abort", () => void socket.destroy());
      let isOpen = false;
      socket.setNoDelay(true);
      socket.once(address.startsWith("estreams:") ? "secureConnect" : "connect", () => {
        isOpen = true;
        resolve({ send: (bytes) => void socket.write(bytes.slice()), close: () => void socket.destroy() });
      });
      socket.on("data", (bytes: Buffer) => events.data(bytes));
      let failure: Error = new Error(`The host at ${address} closed the connection.`);
      socket.on("error", (error) => {
        failure = error;
      });
      socket.on("close", () => (isOpen ? events.closed(failure) : reject(failure)));
    });
}

function open(address: string, options: tls.ConnectionOptions): net.Socket {
  if (address.startsWith("unix:")) {
    return net.connect({ path: address.slice("unix:".length) });
  }

  const url = new URL(address.replace(/^estreams?:/, "http:"));
  if (!/^estreams?:/.test(address) || url.username || url.pathname.length > 1) {
    throw new TypeError("The address is not estreams://HOST:PORT, estream://HOST:PORT or unix:/PATH.");
  }

  const port = url.port ? Number(url.port) : defaultPort;
  return address.startsWith("estreams:")
    ? tls.connect({ ...options, host: url.hostname, port, servername: url.hostname })
    : net.connect({ host: url.hostname, port });
}
