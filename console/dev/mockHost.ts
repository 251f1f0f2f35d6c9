import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Plugin } from 'vite';
import { serveClients } from './clientSocket.ts';
import { answer } from './mock/answers.ts';
import { queues } from './mock/fleet.ts';
import { messageOf, nextSequence } from './mock/messages.ts';
import { overview } from './mock/overview.ts';
import { MockState } from './mock/state.ts';
import { widgetFile, type MockFile } from './mock/widgets/catalogue.ts';
import { toWireJson } from './mock/wire.ts';
import { widgetFrame } from './widgetFrame.ts';

type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** The policy of the real host, so that `npm run preview:mock` shows what it would block. */
const policyFor = (host: string): string => `default-src 'self'; style-src 'self'; frame-src ${host}/widgets/frame`;

const tickMs = 500;

/** Messages of an event, and the queues that they come from. */
const sampled = 50;
const sampledQueues = ['telemetry', 'orders', 'executions', 'alarms', 'dead-letters'];

const mostBodyBytes = 1_048_576;

/** Serves the host's API from a simulated fleet. Development only. */
export function mockHost(): Plugin {
  const state = new MockState();
  const streams = new Set<ServerResponse>();
  setInterval(() => {
    const messages = sample(state);
    for (const stream of streams) {
      stream.write(`event: overview\ndata: ${toWireJson(overview(state))}\n\n`);
      stream.write(`event: messages\ndata: ${toWireJson(messages)}\n\n`);
    }
  }, tickMs).unref();

  const serve: Middleware = (request, response, next) => {
    const url = new URL(request.url ?? '/', 'http://mock');
    const file = fileAt(url.pathname);
    if (file !== undefined) {
      response.writeHead(200, file.headers).end(file.body);
    } else if (url.pathname === '/api/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write(`event: overview\ndata: ${toWireJson(overview(state))}\n\n`);
      streams.add(response);
      request.on('close', () => streams.delete(response));
    } else if (url.pathname.startsWith('/api/') || url.pathname === '/health') {
      void reply(request, response, url, state, next);
    } else {
      next();
    }
  };

  return {
    name: 'estream-mock-host',
    configureServer: (server) => {
      server.middlewares.use(serve);
      if (server.httpServer !== null) {
        serveClients(server.httpServer as Server);
      }
    },
    configurePreviewServer: (server) => {
      serveClients(server.httpServer as Server);
      server.middlewares.use((request, response, next) => {
        response.setHeader('content-security-policy', policyFor(request.headers.host ?? ''));
        serve(request, response, next);
      });
    },
  };
}

function fileAt(pathname: string): MockFile | undefined {
  return pathname === '/widgets/frame' ? widgetFrame() : widgetFile(pathname);
}

async function reply(request: IncomingMessage, response: ServerResponse, url: URL, state: MockState, next: () => void): Promise<void> {
  const answered = answer({ method: request.method ?? 'GET', url, body: await bodyOf(request), headers: request.headers }, state);
  if (answered === undefined) {
    next();
    return;
  }
  const { status, body, lines, headers } = answered;
  response.writeHead(status, { ...headers, 'content-type': lines === undefined ? 'application/json' : 'application/x-ndjson', 'cache-control': 'no-store' });
  let isOpen = true;
  response.on('close', () => (isOpen = false));
  for await (const line of lines ?? []) {
    if (!isOpen) {
      return;
    }
    response.write(`${toWireJson(line)}\n`);
  }
  response.end(body === undefined ? undefined : toWireJson(body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) {
    text += String(part);
    if (text.length > mostBodyBytes) {
      break;
    }
  }
  return text;
}

/** The newest messages of a few queues, as an event has them. */
function sample(state: MockState): unknown[] {
  return queues
    .filter(({ name }) => sampledQueues.includes(name))
    .flatMap((queue) => {
      const next = nextSequence(queue, state);
      const count = Math.min(sampled / sampledQueues.length, Math.floor((queue.rate * tickMs) / 1000));
      return Array.from({ length: count }, (_, index) => messageOf(queue, next - count + index, state));
    });
}
