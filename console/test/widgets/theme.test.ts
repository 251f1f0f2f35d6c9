// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import script from '../../public/theme.js?raw';
import { act, createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { LiveContext } from '../../src/live/LiveContext';
import { LiveFeed } from '../../src/live/LiveFeed';
import { tokenTheme } from '../../src/state/tokenTheme';
import { chooseTheme, keepThemeCurrent } from '../../src/widgets/theme/chosenTheme';
import { useWidgetCatalogue } from '../../src/widgets/useWidgetCatalogue';
import type { InstalledTheme } from '../../src/widgets/types';

globalThis.IS_REACT_ACT_ENVIRONMENT = true;

const night: InstalledTheme = { name: '@acme/night', version: '1.0.0', title: 'Night', modes: ['dark'], tokens: { '--ground': '#000', '--accent': 'light-dark(#123456, #abcdef)' } };

let stop: AbortController;

beforeEach(() => {
  stop = new AbortController();
  // Each test runs the script again; the listeners of earlier runs must not answer.
  const listen = window.addEventListener.bind(window);
  vi.spyOn(window, 'addEventListener').mockImplementation((type: string, listener: EventListenerOrEventListenerObject | null) => listen(type, listener as EventListener, { signal: stop.signal }));
});

afterEach(() => {
  stop.abort();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  localStorage.clear();
  tokenTheme.set('');
  document.documentElement.removeAttribute('style');
  delete document.documentElement.dataset.theme;
});

/** Runs the script of the page as before the first paint. */
function start(mode: 'light' | 'dark', stored: string | null): void {
  localStorage.setItem('estream.theme', mode);
  if (stored !== null) {
    localStorage.setItem('estream.tokens', stored);
  }
  new Function(script)();
}

const ground = () => document.documentElement.style.getPropertyValue('--ground');

test.each([
  ['text that is not JSON', '{'],
  ['a theme without tokens', JSON.stringify({ modes: ['dark'], tokens: {} })],
  ['a token that is not a color', JSON.stringify({ modes: ['dark'], tokens: { '--ground': 'url(https://example.com/x)', '--radius': '#000' } })],
])('stored %s sets nothing', (_, stored) => {
  start('dark', stored);
  expect(document.documentElement.style.length).toBe(0);
});

test('a theme of one mode applies in that mode only, also after the mode changes', async () => {
  start('dark', JSON.stringify(night));
  expect(ground()).toBe('#000');
  document.documentElement.dataset.theme = 'light';
  await vi.waitFor(() => expect(ground()).toBe(''));
  document.documentElement.dataset.theme = 'dark';
  await vi.waitFor(() => expect(ground()).toBe('#000'));
});

test('a chosen theme is applied and stored, and without it the page has the colors of the console', () => {
  start('dark', null);
  chooseTheme(night);
  expect(ground()).toBe('#000');
  expect(localStorage.getItem('estream.tokens')).toContain('@acme/night');
  chooseTheme(null);
  expect(ground()).toBe('');
  expect(localStorage.getItem('estream.tokens')).toBeNull();
});

test('each page that reads the catalogue gives up a theme that is revoked', async () => {
  start('dark', null);
  chooseTheme(night);
  vi.stubGlobal('fetch', async () => new Response('{"widgets":[],"themes":[],"refused":[]}'));
  const Probe = () => (useWidgetCatalogue(), null);
  const root = createRoot(document.createElement('div'));
  await act(async () => root.render(createElement(LiveContext, { value: new LiveFeed() }, createElement(Probe))));
  await vi.waitFor(() => expect(ground()).toBe(''));
  act(() => root.unmount());
});

test('a theme that is revoked is given up, and a newer version replaces it', () => {
  start('dark', null);
  chooseTheme(night);
  keepThemeCurrent([{ ...night, version: '1.0.1', tokens: { '--ground': '#111111' } }]);
  expect(ground()).toBe('#111111');
  keepThemeCurrent([]);
  expect(ground()).toBe('');
});
