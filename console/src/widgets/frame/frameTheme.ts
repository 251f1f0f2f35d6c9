import type { FrameProps } from './protocol';

declare global {
  /** The tokens that themes may change, set by public/theme.js before the page starts. */
  var themeTokens: readonly string[];
}

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
  const tokens = Object.fromEntries(themeTokens.map((name) => [name, resolve(`var(${name})`)]));
  probe.remove();
  return { mode, tokens };
}
