// @vitest-environment happy-dom
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { answer } from '../dev/mock/answers.ts';
import { MockState } from '../dev/mock/state.ts';
import { toWireJson } from '../dev/mock/wire.ts';
import { decodeSession } from '../src/api/decode';
import { parseJson } from '../src/api/json';
import { decodeQueueDetail, type QueueDetail } from '../src/api/queues';
import type { Session } from '../src/api/types';
import { QueueActions } from '../src/pages/queue/QueueActions';
import { SessionContext, whyNot } from '../src/state/SessionContext';

globalThis.IS_REACT_ACT_ENVIRONMENT = true;

const operator: Session = { name: 'ann', role: 'operator', scopes: [], isSignedIn: true };
const orders = decodeQueueDetail(parseJson(toWireJson(answer({ method: 'GET', url: new URL('http://mock/api/queues/orders'), body: '' }, new MockState())!.body)));

let root: Root;
let box: HTMLElement;

beforeEach(() => {
  box = document.createElement('div');
  root = createRoot(box);
});

afterEach(() => act(() => root.unmount()));

/** The buttons of a queue's page by their texts: the title of each disabled one, null for each enabled one. */
function buttonsFor(session: Session | null, queue: QueueDetail = orders): Record<string, string | null> {
  act(() =>
    root.render(
      <BrowserRouter>
        <SessionContext value={session}>
          <QueueActions queue={queue} onChanged={() => undefined} />
        </SessionContext>
      </BrowserRouter>,
    ),
  );
  return Object.fromEntries([...box.querySelectorAll('button')].map((button) => [button.textContent, button.disabled ? button.title : null]));
}

test('buttons that need another role are disabled and name the role', () => {
  const reason = 'You need the role operator. You have the role viewer.';
  expect(buttonsFor({ ...operator, role: 'viewer' })).toEqual({ Export: null, Publish: reason, 'Pause writing': reason });
  expect(buttonsFor(operator)).toEqual({ Export: null, Publish: null, 'Pause writing': null });
});

test('a token with scopes can only publish, and the host may refuse to publish to one queue', () => {
  const limited = { ...operator, scopes: ['queue=orders:append'] };
  const reason = 'You need a token without scopes. Your token has the scopes queue=orders:append.';
  expect(buttonsFor(limited)).toEqual({ Export: null, Publish: null, 'Pause writing': reason });
  expect(buttonsFor(limited, { ...orders, whyNotPublish: 'Not in your scopes.' }).Publish).toBe('Not in your scopes.');
  expect(buttonsFor({ ...limited, role: 'viewer' }, { ...orders, isDeadLetters: true }).Redrive).toContain('role operator');
});

test('no change is permitted before the session is known, and a higher role includes a lower one', () => {
  expect(whyNot(null, 'operator', true)).not.toBe('');
  expect(whyNot({ ...operator, role: 'admin' }, 'developer', false)).toBe('');
  expect(whyNot(operator, 'admin', true)).toContain('role admin');
});

test('a session without the member scopes has no scopes', () => {
  expect(decodeSession({ name: 'ann', role: 'operator', isSignedIn: true })).toEqual(operator);
});
