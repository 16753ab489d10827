import fc from 'fast-check';
import { expect, test } from 'vitest';
import { idProblem, suggestId } from './tenant-id.ts';

test('an id is suggested that reads like the name', () => {
  expect(suggestId('Contoso Pharma', new Set())).toBe('contoso-pharma');
  expect(suggestId('  Café & Söhne, Straße 3 ', new Set())).toBe('cafe-sohne-strasse-3');
  expect(suggestId('Contoso', new Set(['contoso', 'contoso-2']))).toBe('contoso-3');
  expect(suggestId('東京', new Set())).toBe('');
});

test('what is suggested can be used, whatever the name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.array(fc.constantFrom('a', 'b', 'a-2')), (name, ids) => {
      const taken = new Set(ids);
      const id = suggestId(name, taken);
      if (id !== '') expect(idProblem(id, taken)).toBeUndefined();
    }),
  );
});
