import { Store } from './store';

/** The theme component whose colors the page has, as stored; '' for the colors of the console. */
export const tokenTheme = new Store(read());

function read(): string {
  try {
    return localStorage.getItem('estream.tokens') ?? '';
  } catch {
    return '';
  }
}
