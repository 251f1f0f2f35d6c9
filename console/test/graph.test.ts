import { expect, test } from 'vitest';
import { boxHeight, boxWidth, layoutOf } from '../src/components/parts/graphLayout';

const place = (name: string, kind = 'filter') => ({ name, kind });

test('each place is below all its predecessors', () => {
  const flows = [
    { from: 'in', to: 'known' },
    { from: 'known', to: 'made' },
    { from: 'in', to: 'made' },
    { from: 'made', to: 'out' },
    { from: 'known', to: 'other' },
  ];
  const { boxes, lines, width, height } = layoutOf({ places: ['in', 'out', 'made', 'other', 'known'].map((name) => place(name)), flows });
  expect(lines).toHaveLength(flows.length);
  for (const { from, to } of lines) {
    expect(to.y).toBeGreaterThan(from.y + boxHeight);
  }
  for (const box of boxes) {
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + boxWidth).toBeLessThanOrEqual(width);
    expect(box.y + boxHeight).toBeLessThanOrEqual(height);
  }
  expect(new Set(boxes.map(({ x, y }) => `${x} ${y}`)).size).toBe(boxes.length);
});

test('the layout ends even if the host sends a cycle', () => {
  const circle = { places: [place('a'), place('b')], flows: [{ from: 'a', to: 'b' }, { from: 'b', to: 'a' }, { from: 'a', to: 'nowhere' }] };
  expect(layoutOf(circle).lines).toHaveLength(2);
  expect(layoutOf({ places: [], flows: [] }).boxes).toEqual([]);
});
