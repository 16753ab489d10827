import { expect, test } from 'vitest';
import { hourHere } from './words.ts';

test('an hour of UTC is told in the time of the place, over midnight in both directions', () => {
  expect(hourHere(9, 0)).toBe(9);
  expect(hourHere(23, -120)).toBe(1);
  expect(hourHere(2, 300)).toBe(21);
  expect(hourHere(9, -345)).toBe(15);
});
