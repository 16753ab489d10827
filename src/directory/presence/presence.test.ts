import { afterEach, expect, test } from 'vitest';
import type { Actor } from '../resource.ts';
import { foresee } from './advisory.ts';
import { PresenceBoard, windowLeaseSeconds } from './presence.ts';

const person: Actor = {
  id: 'administrator',
  name: 'Administrator',
  kind: 'person',
  door: 'window',
  tenant: 'default',
  scopes: [],
};
const claude: Actor = { id: 'claude', name: 'Claude', kind: 'agent', door: 'mcp', tenant: 'default', scopes: [] };
const jo = { type: 'User', id: 'jo' } as const;
let now = Date.parse('2026-11-21T12:00:00Z');
let board = new PresenceBoard(() => now);
afterEach(() => {
  board.close();
  board = new PresenceBoard(() => now);
});

test('a window that is not renewed is gone, and is told of once', () => {
  let told = 0;
  board.onChange(() => told++);
  board.open(person, jo, { holder: 'w1', fields: [] });
  board.open(person, jo, { holder: 'w1', fields: [] });
  expect(told).toBe(1);
  board.open(person, jo, { holder: 'w1', fields: ['title'], baseVersion: 'v1' });
  expect(told).toBe(2);
  expect(board.others(claude, jo)).toMatchObject([{ kind: 'draft', fields: ['title'], who: { name: 'Administrator' } }]);
  expect(board.baseVersions({ tenant: 'default', ...jo })).toEqual(['v1']);
  now += windowLeaseSeconds * 1000;
  expect(board.others(claude, jo)).toEqual([]);
});

test('an intent ends with its lease, its run, or when its author says so; nobody else can end it', () => {
  const run = { ...claude, run: 'r1' };
  const intent = board.begin(run, jo, { fields: ['title'], leaseSeconds: 60 });
  expect(board.begin(run, jo, { fields: ['title'], leaseSeconds: 60 }).id).toBe(intent.id);
  expect(board.others(run, jo)).toEqual([]);
  expect(() => board.finish({ ...claude, id: 'other' }, intent.id)).toThrow('no such edit');
  expect(() => board.finish({ ...claude, tenant: 'other' }, intent.id)).toThrow('no such edit');
  board.finish(run, intent.id);
  expect(board.all('default')).toEqual([]);
  board.begin(run, jo, { leaseSeconds: 60 });
  board.endRun('default', 'claude', 'r1');
  expect(board.all('default')).toEqual([]);
});

test('one holder cannot announce without bound', () => {
  for (let id = 0; id < 200; id++) board.begin(claude, { type: 'User', id: String(id) }, { leaseSeconds: 60 });
  expect(() => board.begin(claude, jo, { leaseSeconds: 60 })).toThrow('announced already');
});

test('a collision is foreseen where somebody has the same field, less where another', () => {
  board.open(person, jo, { holder: 'w1', fields: ['name.familyName'] });
  const others = board.others(claude, jo);
  const likelihood = (fields?: string[]) => foresee(others, { refused: 0, written: 5 }, fields)?.collisionLikelihood;
  expect(likelihood(['name'])).toBe(0.9);
  expect(likelihood(['title'])).toBe(0.15);
  expect(likelihood()).toBe(0.5);
  expect(foresee([], { refused: 0, written: 5 })).toBeUndefined();
  expect(foresee([], { refused: 4, written: 4 })?.collisionLikelihood).toBe(0.5);
});
