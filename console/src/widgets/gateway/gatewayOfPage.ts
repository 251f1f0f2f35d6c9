import { Gateway } from './Gateway';

/** The gateway of this page. The client is loaded with the first subscription. */
export const gateway = new Gateway(async () => {
  const { EstreamClient, webSocket } = await import('@estream/client');
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return EstreamClient.connect(webSocket(`${scheme}://${location.host}/api/client`), { name: 'console' });
});
