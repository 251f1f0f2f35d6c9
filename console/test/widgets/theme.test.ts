// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import script from '../../public/theme.js?raw';
import { tokenTheme } from '../../src/state/tokenTheme';
import { chooseTheme, keepThemeCurrent } from '../../src/widgets/theme/chosenTheme';
import type { InstalledTheme } from '../../src/widgets/types';

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

test('a revoked theme is removed from the page, and a newer version replaces an older version', () => {
  start('dark', null);
  chooseTheme(night);
  keepThemeCurrent([{ ...night, version: '1.0.1', tokens: { '--ground': '#111111' } }]);
  expect(ground()).toBe('#111111');
  keepThemeCurrent([]);
  expect(ground()).toBe('');
});
