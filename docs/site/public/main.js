export default {
  // Blocks without a language are commands and their output. Without this setting, the site guesses a language for them.
  configureHljs: hljs => hljs.configure({ languages: [] }),

  // The pages of a role are in several folders. DocFX marks the entry of the navigation bar by folder, so mark it by the table of
  // contents of the page.
  start() {
    const toc = document.querySelector('meta[name="docfx:tocrel"]')?.content;
    const bar = document.getElementById('navbar');
    if (!toc || !bar) {
      return;
    }

    const folder = new URL('.', new URL(toc, location.href)).href;
    new MutationObserver((_, observer) => {
      const entry = [...bar.querySelectorAll('a.nav-link')].find(link => new URL('.', link.href).href === folder);
      if (entry) {
        entry.classList.add('active');
        observer.disconnect();
      }
    }).observe(bar, { childList: true, subtree: true });
  },
};
