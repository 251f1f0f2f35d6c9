import { StatusError } from '../../api/http';
import { fileHref } from '../api/catalogue';
import { hexOf } from '../../esf/scalars';
import { sha256 } from '../../esf/sha256';
import type { InstalledWidget } from '../types';

let runtime: Promise<string> | null = null;

/** The text of the runtime of frames. It is fetched when the first widget of a component is shown. */
export function fetchRuntime(): Promise<string> {
  runtime ??= loadRuntime().catch((error: unknown) => {
    runtime = null;
    throw error;
  });
  return runtime;
}

async function loadRuntime(): Promise<string> {
  const { default: url } = await import('virtual:widget-runtime');
  return new TextDecoder().decode(await bytesOf(url));
}

/** The text of the bundle of a widget. Throws if its SHA-256 differs from the catalogue. */
export async function fetchBundle(widget: InstalledWidget): Promise<string> {
  const bytes = await bytesOf(fileHref(widget, widget.entry));
  if (bytes.length !== widget.bytes || hexOf(sha256(bytes)) !== widget.sha256.toLowerCase()) {
    throw new Error(`The SHA-256 of the bundle of ${widget.id} ${widget.version} differs from the installed bundle. Install the component again.`);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}

async function bytesOf(url: string): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) {
    throw new StatusError(response.status, await response.text());
  }
  return new Uint8Array(await response.arrayBuffer());
}
