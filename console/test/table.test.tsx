// @vitest-environment happy-dom
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { expect, test, vi } from 'vitest';
import type { Column } from '../src/components/table/columns';
import { DataTable } from '../src/components/table/DataTable';

globalThis.IS_REACT_ACT_ENVIRONMENT = true;

test('a long list is sorted with one reading of each value, and not again when its page is drawn again', () => {
  const rows = Array.from({ length: 10_000 }, (_, index) => `queue-${(index * 7919) % 10_000}`);
  const value = vi.fn((row: string) => row);
  const columns: readonly Column<string>[] = [{ id: 'name', title: 'Name', value }];
  const box = document.createElement('div');
  const root = createRoot(box);
  const draw = (shown: readonly string[]) =>
    act(() =>
      root.render(
        <BrowserRouter>
          <DataTable name="queues" label="Queues" columns={columns} rows={shown} rowId={(row) => row} initialSort={{ id: 'name', descending: false }} empty="none" />
        </BrowserRouter>,
      ),
    );
  draw(rows);
  const sorting = value.mock.calls.length;
  // A row in view reads its value again.
  expect(sorting).toBeLessThan(rows.length + 200);
  draw(rows);
  expect(value.mock.calls.length - sorting).toBeLessThan(200);
  expect(box.querySelector('[role=table]')?.getAttribute('aria-rowcount')).toBe('10001');
  draw([]);
  expect(box.textContent).toContain('none');
  act(() => root.unmount());
});
