import type { FrameProps } from './protocol';

/** The colors of tokens.css that themes may change and widgets get. */
const colorTokens = [
  '--ground',
  '--raised',
  '--hover',
  '--rule',
  '--rule-strong',
  '--ink',
  '--ink-soft',
  '--accent',
  '--accent-ground',
  '--warn',
  '--warn-ground',
  '--bad',
  '--bad-ground',
];

/** The theme at an element of the page. A token may hold `light-dark(…)`, so an element resolves it. */
export function themeAt(element: HTMLElement, supportsLightMode: boolean): FrameProps['theme'] {
  const probe = document.createElement('span');
  if (!supportsLightMode) {
    probe.style.colorScheme = 'dark';
  }
  element.append(probe);
  const resolve = (color: string): string => {
    probe.style.color = color;
    return getComputedStyle(probe).color;
  };
  const mode = resolve('light-dark(#ffffff, #000000)') === 'rgb(0, 0, 0)' ? 'dark' : 'light';
  const tokens = Object.fromEntries(colorTokens.map((name) => [name, resolve(`var(${name})`)]));
  probe.remove();
  return { mode, tokens };
}
