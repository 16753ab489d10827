import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diff } from './diff.ts';
import { asElements } from './elements.ts';
import { merge } from './merge.ts';
import { normalise } from './normalise.ts';
import type { Complex, Resource } from './resource.ts';
import { enterpriseUserUrn, userSchemas, userUrn } from './schema.ts';
import { versionOf } from './version.ts';

const text = fc.constantFrom('a', 'b', 'c');
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const email = fc.record({ value: text, type: optional(fc.constantFrom('work', 'home')), primary: optional(fc.boolean()) });

/** Valid users over few values, so that edits meet often. */
const user: fc.Arbitrary<Resource> = fc
  .record({
    userName: text,
    title: optional(text),
    active: optional(fc.boolean()),
    name: optional(fc.record({ givenName: optional(text), familyName: optional(text) })),
    emails: optional(fc.array(email, { maxLength: 3 })),
    [enterpriseUserUrn]: optional(
      fc.record({ department: optional(text), manager: optional(fc.record({ value: optional(text) })) }),
    ),
  })
  .map((record): Resource => {
    let primary = false;
    const emails = record.emails?.map((entry) => {
      const isPrimary = entry.primary === true && !primary;
      primary ||= isPrimary;
      return { ...entry, primary: isPrimary };
    });
    return { ...normalise(userSchemas, { schemas: [userUrn], ...record, emails }).content, id: '1' };
  });

const primaries = (resource: Resource): number =>
  (asElements(resource['emails']) ?? []).filter((element: Complex) => element['primary'] === true).length;

const sameContent = (a: Resource, b: Resource): void => expect(versionOf(a)).toBe(versionOf(b));

describe('laws of the three-way merge', () => {
  test('where one side did nothing, the other side stands', () => {
    fc.assert(
      fc.property(user, user, (base, edit) => {
        const mineOnly = merge(base, edit, base);
        expect(mineOnly.collisions).toEqual([]);
        expect(diff(edit, mineOnly.merged)).toEqual([]);
        const theirsOnly = merge(base, base, edit);
        expect(theirsOnly.collisions).toEqual([]);
        sameContent(theirsOnly.merged, edit);
      }),
    );
  });

  test('where both did the same, they agree', () => {
    fc.assert(
      fc.property(user, user, (base, edit) => {
        const { merged, collisions } = merge(base, edit, edit);
        expect(collisions).toEqual([]);
        sameContent(merged, edit);
      }),
    );
  });

  test('it collides or not whichever side is asked, and the merge of a clean one is the same', () => {
    fc.assert(
      fc.property(user, user, user, (base, mine, theirs) => {
        const there = merge(base, mine, theirs);
        const back = merge(base, theirs, mine);
        expect(back.collisions.length > 0).toBe(there.collisions.length > 0);
        if (there.collisions.length === 0) expect(diff(there.merged, back.merged)).toEqual([]);
      }),
    );
  });

  test('merged once more, nothing changes and nothing collides', () => {
    fc.assert(
      fc.property(user, user, user, fc.constantFrom('mine' as const, 'theirs' as const), (base, mine, theirs, side) => {
        const { merged } = merge(base, mine, theirs, () => side);
        const again = merge(theirs, merged, theirs, () => side);
        expect(again.collisions).toEqual([]);
        expect(diff(merged, again.merged)).toEqual([]);
      }),
    );
  });

  test('preferring mine is preferring theirs with the sides changed', () => {
    fc.assert(
      fc.property(user, user, user, (base, mine, theirs) => {
        const one = merge(base, mine, theirs, () => 'mine');
        const other = merge(base, theirs, mine, () => 'theirs');
        expect(diff(one.merged, other.merged)).toEqual([]);
      }),
    );
  });

  test('the result is a valid user with at most one primary', () => {
    fc.assert(
      fc.property(user, user, user, fc.boolean(), (base, mine, theirs, keepMine) => {
        const { merged } = merge(base, mine, theirs, () => (keepMine ? 'mine' : 'theirs'));
        expect(primaries(merged)).toBeLessThanOrEqual(1);
        normalise(userSchemas, merged);
      }),
    );
  });

  test('nothing that only they changed is lost, whatever is chosen for the collisions', () => {
    fc.assert(
      fc.property(user, user, user, (base, mine, theirs) => {
        const simple = ['userName', 'title', 'active'] as const;
        const { merged, collisions } = merge(base, mine, theirs, () => 'mine');
        for (const key of simple) {
          const onlyTheirs = mine[key] === base[key] && theirs[key] !== base[key];
          if (onlyTheirs) expect(merged[key]).toBe(theirs[key]);
          const both = mine[key] !== base[key] && theirs[key] !== base[key] && mine[key] !== theirs[key];
          expect(collisions.some(({ path }) => path === key)).toBe(both);
        }
      }),
    );
  });
});

describe('what a person would expect', () => {
  const ada: Resource = {
    schemas: [userUrn],
    id: '1',
    userName: 'ada',
    emails: [
      { value: 'ada@work.example', type: 'work', primary: true },
      { value: 'ada@home.example', type: 'home' },
    ],
  };

  test('an address added by one and another changed by the other are both kept', () => {
    const mine = { ...ada, emails: [...(ada['emails'] as Complex[]), { value: 'ada@club.example', type: 'other' }] };
    const theirs = {
      ...ada,
      emails: [{ value: 'ada@new.example', type: 'work', primary: true }, (ada['emails'] as Complex[])[1]],
    };
    const { merged, collisions } = merge(ada, mine, theirs as Resource);
    expect(collisions).toEqual([]);
    expect((merged['emails'] as Complex[]).map(({ value }) => value)).toEqual([
      'ada@new.example',
      'ada@home.example',
      'ada@club.example',
    ]);
  });

  test('a field that both changed is named with all three values', () => {
    const base = { ...ada, title: 'Analyst' };
    const { collisions } = merge(base, { ...ada, title: 'Countess' }, { ...ada, title: 'Programmer' });
    expect(collisions).toEqual([{ path: 'title', base: 'Analyst', mine: 'Countess', theirs: 'Programmer' }]);
  });

  test('an extension of a tenant is named only while it has values', () => {
    const urn = 'urn:example:badges:2.0:User';
    const base: Resource = { schemas: [userUrn, urn], id: '1', userName: 'a', [urn]: { badge: '1' } };
    const mine: Resource = { ...base, userName: 'b' };
    const theirs: Resource = { schemas: [userUrn], id: '1', userName: 'a' };
    expect(merge(base, mine, theirs)).toEqual({ merged: { ...theirs, userName: 'b' }, collisions: [] });
  });
});
