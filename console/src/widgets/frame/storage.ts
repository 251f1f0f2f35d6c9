/** The most characters that a widget stores in this browser: the keys and texts of all its placements together. */
export const mostStoredChars = 1_000_000;

/**
 * The most characters that all widgets store together, for all users of this browser, as they are stored. A browser permits about five
 * million for the whole console, which also keeps private dashboards there.
 */
export const mostCharsOfAll = 2_000_000;

const prefix = 'estream.widget.';

/** Texts by key. In a browser this is localStorage. */
export type TextStore = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

/**
 * The storage of one widget for one user of this browser. All texts of the widget are one item, so that a widget can neither read nor
 * remove the texts of another widget or of the console.
 */
export class WidgetStore {
  private readonly key: string;
  private readonly store: TextStore;

  constructor(user: string, widget: string, store: TextStore = localStorage) {
    this.key = `${prefix}${user}.${widget}`;
    this.store = store;
  }

  get(key: string): string | null {
    return this.read().get(key) ?? null;
  }

  set(key: string, value: string): void {
    const texts = this.read().set(key, value);
    if (sizeOf(texts) > mostStoredChars) {
      throw new Error(`The storage of the widget is full: the limit is ${mostStoredChars} characters. Remove a key.`);
    }
    this.write(texts);
  }

  remove(key: string): void {
    const texts = this.read();
    if (texts.delete(key)) {
      this.write(texts);
    }
  }

  private read(): Map<string, string> {
    try {
      return new Map(JSON.parse(this.store.getItem(this.key) ?? '[]') as [string, string][]);
    } catch {
      return new Map();
    }
  }

  private write(texts: Map<string, string>): void {
    if (texts.size === 0) {
      this.store.removeItem(this.key);
      return;
    }
    const text = JSON.stringify([...texts]);
    const others = keysOf(this.store).reduce((sum, key) => (key === this.key ? sum : sum + key.length + this.store.getItem(key)!.length), 0);
    if (others + this.key.length + text.length > mostCharsOfAll) {
      throw new Error(`The widgets of this browser have stored ${mostCharsOfAll} characters, which is the most for all of them together. Remove keys of this widget, or uninstall a widget.`);
    }
    try {
      this.store.setItem(this.key, text);
    } catch {
      throw new Error('This browser does not store the text: its storage is full or disabled.');
    }
  }
}

/** Removes the texts of widgets that are no longer installed, for all users of this browser. */
export function removeUninstalled(installed: readonly string[], store: TextStore = localStorage): void {
  for (const key of keysOf(store)) {
    if (!installed.some((id) => key.endsWith(`.${id}`))) {
      store.removeItem(key);
    }
  }
}

/** The keys of all widgets and users. */
function keysOf(store: TextStore): string[] {
  return Array.from({ length: store.length }, (_, index) => store.key(index)!).filter((key) => key.startsWith(prefix));
}

function sizeOf(texts: Map<string, string>): number {
  let size = 0;
  for (const [key, value] of texts) {
    size += key.length + value.length;
  }
  return size;
}
