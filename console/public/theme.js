// Runs before the first paint, so that a chosen theme never flashes the other one.
// A file of its own because the host's content security policy forbids inline script.
(() => {
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const value = /^(#[0-9a-f]{3}|#[0-9a-f]{6}|light-dark\( ?#[0-9a-f]{3,6}, ?#[0-9a-f]{3,6} ?\))$/i;
  // The tokens that themes set and widgets get. The page reads the list too (frameTheme.ts).
  const names = ['ground', 'raised', 'hover', 'rule', 'rule-strong', 'ink', 'ink-soft', 'accent', 'accent-ground', 'warn', 'warn-ground', 'bad', 'bad-ground'].map((name) => `--${name}`);
  globalThis.themeTokens = names;
  let tokens = null;
  let set = [];

  // The colors of a theme component. A theme of one mode applies only in that mode.
  const paint = () => {
    const mode = root.dataset.theme ?? (system.matches ? 'dark' : 'light');
    for (const name of set) {
      root.style.removeProperty(name);
    }
    set = tokens?.modes?.includes(mode) ? Object.keys(tokens.tokens).filter((name) => names.includes(name) && value.test(tokens.tokens[name])) : [];
    for (const name of set) {
      root.style.setProperty(name, tokens.tokens[name]);
    }
  };
  const take = (text) => {
    try {
      tokens = text ? JSON.parse(text) : null;
    } catch {
      tokens = null;
    }
    paint();
  };

  try {
    const theme = localStorage.getItem('estream.theme');
    if (theme === 'light' || theme === 'dark') {
      root.dataset.theme = theme;
    }
    take(localStorage.getItem('estream.tokens'));
  } catch {
    // Storage is disabled: the page keeps the system's preference.
  }
  system.addEventListener('change', paint);
  new MutationObserver(paint).observe(root, { attributeFilter: ['data-theme'] });
  addEventListener('estream-tokens', (event) => take(event.detail));
})();
