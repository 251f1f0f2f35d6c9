import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { matchPath } from 'react-router';
import { App } from './app/App';
import { routes } from './app/routes';
import { LiveContext } from './live/LiveContext';
import { LiveFeed } from './live/LiveFeed';
import './state/popGuard';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/shell.css';
import './styles/layout.css';
import './styles/table.css';
import './styles/pages.css';
import './styles/header.css';
import './styles/figures.css';
import './styles/history.css';
import './styles/parts.css';
import './styles/detail.css';

const feed = new LiveFeed();
feed.start();
// The page's code is loaded while the page waits for the first overview. Its boundary shows a failure.
void routes.find(({ path }) => matchPath(path, location.pathname) !== null)?.load().catch(() => undefined);

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <LiveContext value={feed}>
      <App />
    </LiveContext>
  </StrictMode>,
);
