import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DuplicateKey, removeMember, setMember } from './json-text.ts';

const path = ['mcpServers', 'tandem'];
const entry = { command: 'node', args: ['tandem.js', 'mcp'] };

test('adds an entry in the style of the file and changes no other character', () => {
  const text =
    '{\r\n\t"globalShortcut" :  "",\r\n\t"mcpServers": {\r\n\t\t"files": {"command": "a", "args": ["}", "\\""]}\r\n\t}\r\n}\r\n';
  const added = setMember(text, path, { command: 'node' });
  expect(added).toBe(
    '{\r\n\t"globalShortcut" :  "",\r\n\t"mcpServers": {\r\n\t\t"files": {"command": "a", "args": ["}", "\\""]},\r\n\t\t"tandem": {\r\n\t\t\t"command": "node"\r\n\t\t}\r\n\t}\r\n}\r\n',
  );
  expect(removeMember(added, path)).toBe(text);
  expect(setMember('{"a":1}', path, { b: 1 })).toBe('{"a":1,"mcpServers":{"tandem":{"b":1}}}');
  expect(setMember('{}', path, { b: 1 })).toBe('{\n  "mcpServers": {\n    "tandem": {\n      "b": 1\n    }\n  }\n}');
});

test('a key that stands twice is refused, since readers disagree about it', () => {
  expect(() => setMember('{"mcpServers":{"tandem":1,"tandem":2}}', path, entry)).toThrow(DuplicateKey);
  expect(() => removeMember('{"mcpServers":{},"mcpServers":{"tandem":2}}', path)).toThrow(DuplicateKey);
});

const key = fc.string({ maxLength: 6 }).filter((text) => text !== 'tandem' && text !== 'mcpServers' && text !== '__proto__');
const object = fc.dictionary(key, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 });
const indent = fc.constantFrom('', '  ', '\t');

test('whatever else the file says, it says after adding, and is the same text after removing again', () => {
  fc.assert(
    fc.property(object, object, indent, (root, servers, space) => {
      const before = { ...root, mcpServers: { ...servers } };
      const text = JSON.stringify(before, null, space);
      const added = setMember(text, path, entry);
      expect(JSON.parse(added)).toEqual(JSON.parse(JSON.stringify({ ...before, mcpServers: { ...servers, tandem: entry } })));
      expect(setMember(added, path, entry)).toBe(added);
      const removed = removeMember(added, path);
      if (Object.keys(servers).length > 0) expect(removed).toBe(text);
      else expect(JSON.parse(removed)).toEqual(JSON.parse(text));
    }),
    { numRuns: 300 },
  );
});
