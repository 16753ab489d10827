import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DirectoryError } from './errors.ts';
import { normalise } from './normalise.ts';
import { applyPatch, parsePatch, splitMemberOperations } from './patch.ts';
import type { Resource } from './resource.ts';
import { enterpriseUserUrn, groupSchemas, userSchemas, userUrn } from './schema.ts';

/** A user as the model has it: names in one flat table, emails in a list. */
interface Model {
  flat: Map<string, unknown>;
  emails: { value?: string; type?: string; primary?: boolean }[];
}

/** One operation: how it is sent, and what it does to the model. It returns false where it must be refused. */
interface Step {
  send: unknown;
  act: (model: Model) => boolean | void;
}

const text = fc.constantFrom('a', 'B', 'c');
const address = fc.constantFrom('a@x', 'A@x', 'b@x');
const type = fc.constantFrom('work', 'home');
const flatPath = fc.constantFrom('title', 'nickName', 'name.givenName', 'name.familyName', `${enterpriseUserUrn}:department`);
const writing = fc.constantFrom('add', 'Replace', 'REPLACE');
const inAnyCase = (path: string) => fc.constantFrom(path, path.toUpperCase(), path.toLowerCase());

const flatStep = fc
  .tuple(flatPath, writing, fc.option(text), fc.constantFrom('path', 'key', 'remove'))
  .chain(([path, op, value, form]) =>
    inAnyCase(path).map((written): Step => {
      const isRemoval = form === 'remove' || (value === null && op !== 'add');
      const byKey = { op, value: { [written]: value } };
      return {
        send: form === 'remove' ? { op: 'Remove', path: written } : form === 'key' ? byKey : { op, path: written, value },
        act({ flat }) {
          if (isRemoval) flat.delete(path);
          else if (value !== null) flat.set(path, value);
        },
      };
    }),
  );

const nameStep = fc
  .tuple(writing, fc.record({ givenName: fc.option(text), familyName: text }, { requiredKeys: [] }))
  .map(([op, value]): Step => ({
    send: { op, path: 'name', value },
    act({ flat }) {
      for (const [part, written] of Object.entries(value))
        if (written !== null) flat.set(`name.${part}`, written);
        else if (op !== 'add') flat.delete(`name.${part}`);
    },
  }));

const activeStep = fc.tuple(writing, fc.constantFrom(true, false, 'True', 'false')).map(([op, value]): Step => ({
  send: { op, path: 'active', value },
  act: ({ flat }) => void flat.set('active', `${value}`.toLowerCase() === 'true'),
}));

const addEmail = fc.tuple(address, type, fc.boolean()).map(([value, type, primary]): Step => ({
  send: { op: 'add', path: 'emails', value: [{ value, type, ...(primary && { primary }) }] },
  act({ emails }) {
    if (primary) for (const email of emails) delete email.primary;
    const there = emails.find((email) => email.value?.toLowerCase() === value.toLowerCase() && email.type === type);
    if (!there) emails.push({ value, type, ...(primary && { primary }) });
    else if (primary) there.primary = true;
  },
}));

const writeEmail = fc.tuple(writing, type, address).map(([op, type, value]): Step => ({
  send: { op, path: `emails[type eq "${type}"].value`, value },
  act({ emails }) {
    const chosen = emails.filter((email) => email.type === type);
    for (const email of chosen) email.value = value;
    if (chosen.length === 0) emails.push({ type, value });
  },
}));

const choosePrimary = fc.tuple(writing, type).map(([op, type]): Step => ({
  send: { op, path: `emails[type eq "${type}"].primary`, value: 'True' },
  act({ emails }) {
    for (const email of emails)
      if (email.type === type) email.primary = true;
      else delete email.primary;
    if (!emails.some((email) => email.type === type)) emails.push({ type, primary: true });
  },
}));

const removeEmail = fc.tuple(type, fc.constantFrom('', '.value')).map(([type, part]): Step => ({
  send: { op: 'remove', path: `emails[type eq "${type}"]${part}` },
  act(model) {
    const rest = model.emails.filter((email) => email.type !== type);
    if (rest.length === model.emails.length) return false;
    model.emails = rest;
    return true;
  },
}));

const replaceEmails = fc.array(fc.record({ value: address, type }), { maxLength: 3 }).map((value): Step => ({
  send: { op: 'replace', path: 'emails', value },
  act: (model) => void (model.emails = value.map((email) => ({ ...email }))),
}));

const steps = fc.array(
  fc.oneof(flatStep, nameStep, activeStep, addEmail, writeEmail, choosePrimary, removeEmail, replaceEmails),
  { minLength: 1, maxLength: 8 },
);

/** A whole record holds no element twice; it may have one primary. @returns false where it has more. */
function settle(model: Model): boolean {
  const distinct = new Set(model.emails.map(({ value, type, primary }) => JSON.stringify({ value, type, primary })));
  model.emails = [...distinct].map((email) => JSON.parse(email) as Model['emails'][number]);
  return model.emails.filter(({ primary }) => primary).length <= 1;
}

/** The record that the model stands for after both requests, or undefined where one of them must be refused. */
function expected(requests: readonly Step[][]): Record<string, unknown> | undefined {
  const model: Model = { flat: new Map(), emails: [] };
  for (const request of requests) if (request.some((step) => step.act(model) === false) || !settle(model)) return undefined;
  const record: Record<string, unknown> = { userName: 'u' };
  const parts: Record<string, Record<string, unknown>> = { name: {}, [enterpriseUserUrn]: {} };
  for (const [path, value] of model.flat) {
    const holder = Object.keys(parts).find((name) => path.startsWith(name));
    if (holder === undefined) record[path] = value;
    else Object.assign(parts[holder] ?? {}, { [path.slice(holder.length + 1)]: value });
  }
  for (const [name, part] of Object.entries(parts)) if (Object.keys(part).length > 0) record[name] = part;
  if (model.emails.length > 0) record['emails'] = model.emails;
  return record;
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}

const bare: Resource = frozen({ schemas: [userUrn], id: 'u1', userName: 'u' });

describe('laws of PATCH', () => {
  test('it does what a plain model does, and leaves the resource and the request as they were', () => {
    fc.assert(
      fc.property(steps, steps, (first, second) => {
        const wanted = expected([first, second]);
        const run = (from: Resource, request: readonly Step[]): Resource => {
          const body = frozen(request.map(({ send }) => send));
          const { content } = normalise(userSchemas, applyPatch(from, parsePatch(userSchemas, body, { strict: false })));
          return frozen({ ...content, id: 'u1' });
        };
        const both = () => run(run(bare, first), second);
        if (wanted === undefined) expect(both).toThrow(DirectoryError);
        else {
          const { schemas: _schemas, id: _id, ...content } = both();
          expect(content).toEqual(wanted);
        }
      }),
      { numRuns: 2000 },
    );
  });

  const names = 'userName emails members manager meta id name value type schemas __proto__ constructor'.split(' ');
  const signs = '. [ ] " \\ : ( ) eq ne pr and or not true null 1 "x" "work"'.split(' ');
  const piece = fc.constantFrom(...names, ...signs, userUrn, enterpriseUserUrn, '', ' ', '\0', '\ud800');
  const path = fc.oneof(
    fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
    fc.array(piece, { maxLength: 5 }).map((pieces) => `emails[${pieces.join(' ')}].value`),
    fc.constantFrom(
      'emails',
      'name',
      'members',
      'addresses[type eq "work"]',
      'manager',
      'schemas',
      'emails.value',
      'active',
      'id',
    ),
  );
  const json = fc.jsonValue({ maxDepth: 3 });
  const value = fc.oneof(json, fc.array(fc.dictionary(piece, json)), fc.dictionary(path, json), fc.anything());
  const op = fc.oneof(
    { arbitrary: fc.constantFrom('add', 'replace', 'remove'), weight: 5 },
    { arbitrary: fc.anything(), weight: 1 },
  );
  const operation = fc.oneof(
    { arbitrary: fc.record({ op, path: fc.oneof(path, fc.anything()), value }, { requiredKeys: [] }), weight: 9 },
    { arbitrary: fc.anything(), weight: 1 },
  );
  const full: Resource = frozen({
    ...bare,
    emails: [{ value: 'a@x', type: 'work', primary: true }, { value: 'b@x' }],
    addresses: [{ type: 'work', locality: 'X' }],
    [enterpriseUserUrn]: { manager: { value: 'm' } },
  });

  test('garbage is refused by a DirectoryError and nothing else', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.array(operation, { maxLength: 4 }), fc.anything()),
        fc.boolean(),
        fc.boolean(),
        (body, strict, isUser) => {
          const schemas = isUser ? userSchemas : groupSchemas;
          try {
            const { rest } = splitMemberOperations(parsePatch(schemas, body, { strict }));
            normalise(schemas, applyPatch(full, rest), { coerce: !strict });
          } catch (error) {
            if (!(error instanceof DirectoryError)) throw error;
          }
        },
      ),
      { numRuns: 5000 },
    );
  });

  test('very deep and very long requests are refused, and soon', () => {
    const deep = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) as unknown;
    const run = (operation: unknown) => parsePatch(userSchemas, [operation], { strict: false });
    for (const sent of [
      { op: 'add', path: 'emails', value: deep },
      { op: 'add', path: 'title', value: deep },
      { op: 'add', value: deep },
    ])
      expect(() => applyPatch(full, run(sent))).toThrow(DirectoryError);
    expect(() => run({ op: 'remove', path: `emails${'['.repeat(100_000)}` })).toThrow(DirectoryError);
    expect(() => run({ op: 'remove', path: 'e'.repeat(100_000) })).toThrow(DirectoryError);
    const many = Array.from({ length: 100_000 }, (_, index) => ({ value: `${index}@x` }));
    expect(() => applyPatch(full, run({ op: 'add', path: 'emails', value: many }))).toThrow(/at most/);
  });
});
