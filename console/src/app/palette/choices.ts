import type { Found } from '../../api/find';
import { addresses } from '../addresses';
import { routes } from '../routes';

/** One line of the palette. */
export interface Choice {
  id: string;
  /** What it is: a page, a queue, a command. */
  kind: string;
  title: string;
  detail: string;
  /** The address to go to; absent for a command. */
  to?: string;
  act?: () => void;
}

const pageOf: Record<string, (name: string) => string> = {
  queue: addresses.queue,
  map: addresses.map,
  adapter: addresses.adapter,
  schema: addresses.schema,
  pipeline: () => addresses.circuits,
  circuit: addresses.circuit,
};

/** The pages and commands whose title matches, those that start with the text first. */
export function matching(choices: readonly Choice[], text: string): Choice[] {
  const wanted = text.trim().toLowerCase();
  const rank = ({ title }: Choice): number => {
    const name = title.toLowerCase();
    return name.startsWith(wanted) ? 0 : name.split(' ').some((word) => word.startsWith(wanted)) ? 1 : name.includes(wanted) ? 2 : 3;
  };
  return choices.filter((choice) => rank(choice) < 3).sort((a, b) => rank(a) - rank(b));
}

/** Returns a search of each dead-letter queue for a text that matches no name. A choice calls `open` with its queue. */
export function deadLetterChoices(queues: readonly string[], text: string, open: (queue: string) => void): Choice[] {
  return queues.map((queue) => ({ id: `dead letters ${queue}`, kind: 'search', title: `Search dead letters for ${text}`, detail: queue, act: () => open(queue) }));
}

/** The pages of the navigation. */
export function pageChoices(): Choice[] {
  return routes.flatMap(({ path, title, section }) => (section === undefined ? [] : [{ id: `page ${path}`, kind: 'page', title, detail: section, to: path }]));
}

/** Parts of the host as choices; kinds without a page are left out. */
export function foundChoices(found: readonly Found[]): Choice[] {
  return found.flatMap(({ kind, name, detail }) => {
    const page = pageOf[kind];
    return page === undefined ? [] : [{ id: `${kind} ${name}`, kind, title: name, detail, to: page(name) }];
  });
}
