import { parseJson } from '../../api/json';
import { DecodeError } from '../../api/reader';
import type { Dashboard } from '../types';
import { dashboardText, decodeDashboard, mostBytes } from './model';

/** Saves a dashboard as a file of the user. */
export function download(name: string, dashboard: Dashboard): void {
  const url = URL.createObjectURL(new Blob([dashboardText(dashboard)], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${name}.dashboard.json`;
  link.click();
  // The browser reads the blob after the click.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Reads a dashboard from a file. Throws an Error whose message names the error in the file. */
export async function dashboardIn(file: File): Promise<Dashboard> {
  if (file.size > mostBytes) {
    throw new Error(`${file.name} has ${file.size} bytes; a dashboard has at most ${mostBytes}.`);
  }
  try {
    return decodeDashboard(parseJson(await file.text()));
  } catch (cause) {
    throw new Error(`${file.name} is not a dashboard: ${cause instanceof DecodeError ? cause.detail : cause instanceof Error ? cause.message : String(cause)}`);
  }
}
