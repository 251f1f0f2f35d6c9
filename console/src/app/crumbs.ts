import { matchPath } from 'react-router';
import { routes } from './routes';

interface Crumb {
  to: string;
  label: string;
}

/** The pages above a page, the outermost first: of `/queues/orders/messages/5`, these are the queues and the queue. */
export function crumbsOf(pathname: string): Crumb[] {
  const segments = pathname.split('/').filter((segment) => segment !== '');
  return segments.slice(0, -1).flatMap((_, index) => {
    const to = `/${segments.slice(0, index + 1).join('/')}`;
    const label = titleOf(to);
    return label === null ? [] : [{ to, label }];
  });
}

/** The title of the page at an address; null if there is none. */
function titleOf(pathname: string): string | null {
  for (const { path, title } of routes) {
    if (matchPath(path, pathname) !== null) {
      return path.includes(':') ? decoded(pathname.slice(pathname.lastIndexOf('/') + 1)) : title;
    }
  }
  return null;
}

/** Decodes a part of an address. Returns the part unchanged if its encoding is not valid, as in a typed link. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
