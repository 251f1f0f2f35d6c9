import * as sdk from '@estream/sdk-browser';
import * as react from 'react';
import * as jsxRuntime from 'react/jsx-runtime';
import * as reactDom from 'react-dom';
import { createRoot } from 'react-dom/client';
import { PortHost } from './portHost';
import type { FrameStart, ToFrame } from './protocol';

// This file becomes one script that defines `WidgetRuntime`. src/Estream.Host/Widgets/frame.html runs it inside the frame.

/** The modules that a bundle may import. The frame makes an import map of them. */
export const modules = {
  react,
  'react-dom': reactDom,
  'react/jsx-runtime': jsxRuntime,
  '@estream/sdk-browser': sdk,
};

/**
 * Renders the default export of a bundle. Returns the receiver of further messages of the page.
 * @param post Sends a text to the page.
 * @param fail Reports an error to the page.
 */
export function run(
  element: HTMLElement,
  component: react.ComponentType<sdk.WidgetProps>,
  start: FrameStart,
  post: (text: string) => void,
  fail: (error: unknown) => void,
): (message: ToFrame) => void {
  const host = new PortHost(start, post);
  const paint = () => showTheme(host.state().theme);
  host.onState(paint);
  paint();
  // React reports an error in the widget once, and unmounts it. The card of the page shows the error.
  createRoot(element, { onUncaughtError: fail }).render(react.createElement(sdk.WidgetRoot, { host, component }));
  return (message) => host.receive(message);
}

function showTheme({ mode, tokens }: sdk.WidgetTheme): void {
  const { style } = document.documentElement;
  style.colorScheme = mode;
  for (const [name, value] of Object.entries(tokens)) {
    style.setProperty(name, value);
  }
}
