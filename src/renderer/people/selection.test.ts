import { expect, test } from 'vitest';
import { nobody, rangeTo, selectionMax, toggled, withAll } from './selection.ts';

test('somebody is selected and taken out again', () => {
  const one = toggled(nobody, 'a', 3);
  expect([...one.ids]).toEqual(['a']);
  expect(one.anchor).toBe(3);
  expect([...toggled(one, 'a', 3).ids]).toEqual([]);
  expect([...toggled(one, 'b', 7).ids]).toEqual(['a', 'b']);
});

test('a range goes from the anchor in both directions', () => {
  const anchored = toggled(nobody, 'a', 5);
  expect(rangeTo(anchored, 8)).toEqual({ from: 5, to: 8 });
  expect(rangeTo(anchored, 2)).toEqual({ from: 2, to: 5 });
});

test('no more than the bound are selected, and each once', () => {
  const many = Array.from({ length: selectionMax + 5 }, (_, index) => `p${index}`);
  const all = withAll(toggled(nobody, 'p0', 0), many);
  expect(all.ids.size).toBe(selectionMax);
  expect(toggled(all, 'another', 0).ids.size).toBe(selectionMax);
});
