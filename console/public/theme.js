// Runs before the first paint, so that a chosen theme never flashes the other one.
// A file of its own because the host's content security policy forbids inline script.
try {
  const theme = localStorage.getItem('estream.theme');
  if (theme === 'light' || theme === 'dark') {
    document.documentElement.dataset.theme = theme;
  }
} catch {
  // Storage is switched off: the system's preference stands.
}
