// @vitest-environment happy-dom
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { expect, test, vi } from 'vitest';
import { ConflictDialog } from '../../src/widgets/dashboard/ConflictDialog';

globalThis.IS_REACT_ACT_ENVIRONMENT = true;

test('a version that this browser cannot keep stays in the dialog, with the reason', async () => {
  const box = document.body.appendChild(document.createElement('div'));
  const root = createRoot(box);
  const keep = vi.fn(async () => Promise.reject(new Error('This browser does not store the dashboard: its storage is full or disabled.')));
  await act(async () => root.render(<ConflictDialog title="Plant" kind="shared" etag={'"2"'} onClose={() => {}} onOverwrite={() => {}} onDiscard={() => {}} onKeepPrivate={keep} />));
  const button = [...document.querySelectorAll('button')].find(({ textContent }) => textContent === 'Keep mine as private');
  await act(async () => button!.click());
  expect(document.querySelector('[role=alert]')!.textContent).toContain('storage is full');
  act(() => root.unmount());
});
