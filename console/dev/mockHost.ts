import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Plugin } from 'vite';
import { MockFleet, toWireJson } from './mockFleet.ts';

type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** The policy of the real host, so that `npm run preview:mock` shows what it would block. */
const contentSecurityPolicy = "default-src 'self'; style-src 'self'";

/** Serves the host's API from a simulated fleet. Development only. */
export function mockHost(): Plugin {
  const fleet = new MockFleet();
  const streams = new Set<ServerResponse>();
  setInterval(() => {
    const messages = fleet.tick();
    for (const stream of streams) {
      stream.write(`event: overview\ndata: ${toWireJson(fleet.overview())}\n\n`);
      stream.write(`event: messages\ndata: ${toWireJson(messages)}\n\n`);
    }
  }, 500).unref();

  const answer: Middleware = (request, response, next) => {
    const url = new URL(request.url ?? '/', 'http://mock');
    if (url.pathname === '/api/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write(`event: overview\ndata: ${toWireJson(fleet.overview())}\n\n`);
      streams.add(response);
      request.on('close', () => streams.delete(response));
      return;
    }
    const body = route(fleet, url);
    if (body === undefined) {
      next();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(toWireJson(body));
  };

  return {
    name: 'estream-mock-host',
    configureServer: (server) => void server.middlewares.use(answer),
    configurePreviewServer: (server) =>
      void server.middlewares.use((request, response, next) => {
        response.setHeader('content-security-policy', contentSecurityPolicy);
        answer(request, response, next);
      }),
  };
}

function route(fleet: MockFleet, url: URL): unknown {
  const [, api, kind, name] = url.pathname.split('/');
  if (api !== 'api') {
    return undefined;
  }
  if (kind === 'session') {
    return { name: 'this machine', role: 'viewer', isSignedIn: false };
  }
  if (kind === 'overview') {
    return fleet.overview();
  }
  if (kind === 'queues') {
    return (name === 'dead-letters' ? fleet.letters : fleet.recent).slice(-Number(url.searchParams.get('last') ?? 50));
  }
  if (kind === 'maps') {
    const prefix = url.searchParams.get('prefix') ?? '';
    const matching = [...fleet.latest].filter(([key]) => key.startsWith(prefix));
    const entries = matching.slice(0, Number(url.searchParams.get('limit') ?? 200)).map(([key, entry]) => ({ key, ...entry }));
    return { entries, total: matching.length };
  }
  return undefined;
}
