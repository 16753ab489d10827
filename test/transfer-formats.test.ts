import { describe, expect, test } from 'vitest';
import { groupSchemas, userSchemas, type ResourceSchemas } from '../src/directory/index.ts';
import { formatOf, inspect, readRows, suggestMapping, type Format, type Row, type Source } from '../src/transfer/index.ts';

const enterpriseUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

function sourceOf(content: string | Uint8Array, pieces = 7): Source {
  const bytes = Buffer.from(content as Uint8Array);
  return {
    size: bytes.length,
    async *open() {
      for (let at = 0; at < bytes.length; at += pieces) yield bytes.subarray(at, at + pieces);
    },
  };
}

async function rows(
  content: string | Uint8Array,
  format: Format,
  schemas: ResourceSchemas = userSchemas,
  options: Parameters<typeof readRows>[3] = {},
): Promise<Row[]> {
  const found: Row[] = [];
  for await (const row of readRows(sourceOf(content), format, schemas, options)) found.push(row);
  return found;
}

const wish = (line: number, patch: object, more: object = {}) => ({ line, wish: { patch, elements: [], ...more } });
const work = (value: string) => ({ keys: ['emails'], type: 'work', sub: 'value', value });

describe('CSV', () => {
  test.each([
    ['commas', 'userName,title\nada,"Analyst, first"\n', 'Analyst, first'],
    ['semicolons', 'userName;title\r\nada;"Analyst; ""first"""\r\n', 'Analyst; "first"'],
    ['tabs and a byte order mark', '\uFEFFuserName\ttitle\nada\tAnalyst\n', 'Analyst'],
    ['old line ends', 'userName,title\rada,Analyst\r', 'Analyst'],
  ])('with %s', async (_name, text, title) => {
    expect(await rows(text, 'csv')).toEqual([wish(2, { userName: 'ada', title })]);
  });

  test("UTF-16, as Excel's Unicode text, and not Windows-1252", async () => {
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('userName\ttitle\nada\tGräfin\n', 'utf16le')]);
    expect(await rows(utf16, 'csv')).toEqual([wish(2, { userName: 'ada', title: 'Gräfin' })]);
    await expect(rows(Buffer.from('userName,title\nada,Gr\xE4fin\n', 'latin1'), 'csv')).rejects.toThrow(/not UTF-8/);
  });

  test('lines are counted through quoted line ends, empty lines and broken rows', async () => {
    const text = 'userName,title\r\nada,"x\r\ny"\r\n\r\n,,\nbob,b,too many\ncy,"never closed\nd,e\n';
    expect(await rows(text, 'csv')).toEqual([
      wish(2, { userName: 'ada', title: 'x\r\ny' }),
      { line: 6, problem: expect.objectContaining({ line: 6, message: expect.stringContaining('3 cells') }) },
      { line: 7, problem: expect.objectContaining({ line: 7, message: expect.stringMatching(/quotation mark/) }) },
    ]);
  });

  test('booleans, empty cells, managers and formulas are read as they are meant', async () => {
    const text = "userName,active,title,nickName,manager,Email\nada,Yes,,'=x,grace,a@x\nbob,maybe,,,,\n";
    expect(await rows(text, 'csv')).toEqual([
      wish(2, { userName: 'ada', active: true, nickName: '=x' }, { manager: 'grace', elements: [work('a@x')] }),
      wish(3, { userName: 'bob', active: 'maybe' }),
    ]);
    const cleared = await rows('userName,title,manager,Email\nada,,,\n', 'csv', userSchemas, { emptyCells: 'clear' });
    expect(cleared).toEqual([
      wish(
        2,
        { userName: 'ada', title: null, [enterpriseUrn]: { manager: null } },
        { manager: null, elements: [{ ...work(''), value: null }] },
      ),
    ]);
  });

  test('members, by people and as the export writes them', async () => {
    const members = async (text: string) => {
      const [row] = await rows(text, 'csv', groupSchemas);
      return row && 'wish' in row ? row.wish.members : row;
    };
    expect(await members('Group name,Members\nSales,"ada; bob,cy"\n')).toEqual([
      { name: 'ada' },
      { name: 'bob' },
      { name: 'cy' },
    ]);
    expect(await members('displayName,members.value,members.userName\nSales,"1\n2\n3","ada\n\ncy"\n')).toEqual([
      { id: '1', name: 'ada' },
      { id: '2' },
      { id: '3', name: 'cy' },
    ]);
  });

  test('a mapping names columns that are there and attributes that exist', async () => {
    const text = 'Who,Notes\nada,x\n';
    const mapped = (mapping: Record<string, string>) => rows(text, 'csv', userSchemas, { mapping });
    expect(await mapped({ Who: 'userName', Notes: 'ignore' })).toEqual([wish(2, { userName: 'ada' })]);
    await expect(mapped({ Wer: 'userName' })).rejects.toThrow("no column 'Wer'. It has: Who, Notes");
    await expect(mapped({ Who: 'nonsense' })).rejects.toThrow("'nonsense', which is no attribute");
    await expect(rows('', 'csv')).rejects.toThrow(/empty/);
  });
});

test('columns are told by paths, names and what people call them, each attribute once', () => {
  const headers = [
    'ID',
    'User Name',
    'First name',
    'LAST NAME',
    'E-Mail',
    'Mobile',
    'Dept.',
    'Manager',
    'emails[type eq "home"].value',
    'Job Title',
    'Shoe size',
    'Email address',
  ];
  expect(suggestMapping(headers, userSchemas)).toEqual({
    mapping: {
      ID: 'id',
      'User Name': 'userName',
      'First name': 'name.givenName',
      'LAST NAME': 'name.familyName',
      'E-Mail': 'emails[type eq "work"].value',
      Mobile: 'phoneNumbers[type eq "mobile"].value',
      'Dept.': 'department',
      Manager: 'manager',
      'emails[type eq "home"].value': 'emails[type eq "home"].value',
      'Job Title': 'title',
    },
    unmapped: ['Shoe size', 'Email address'],
  });
  expect(suggestMapping(['Name', 'Members'], groupSchemas).mapping).toEqual({ Name: 'displayName', Members: 'members' });
});

describe('JSON', () => {
  const ada = { userName: 'ada', meta: { version: 'W/"abc"' }, id: '1', name: { formatted: 'a ] } " \\ [ {' } };
  const read = wish(1, { userName: 'ada', name: ada.name }, { id: '1', version: 'W/"abc"' });

  test.each([
    ['a list', JSON.stringify([ada, ada]), [read, read]],
    [
      'a ListResponse',
      JSON.stringify({ schemas: ['x'], totalResults: 1, text: '"Resources": [', Resources: [ada], after: [1] }),
      [read],
    ],
    ['one record', JSON.stringify(ada), [read]],
    ['an empty list', ' [ ] ', []],
  ])('%s', async (_name, text, expected) => {
    expect(await rows(text, 'json')).toEqual(expected);
  });

  test('lines of records, and what is not JSON', async () => {
    expect(await rows('[\n\n{"userName":"ada"},\n{"userName" 1},\n"text"]', 'json')).toEqual([
      wish(3, { userName: 'ada' }),
      { line: 4, problem: expect.objectContaining({ line: 4, kind: 'unreadable' }) },
      { line: 5, problem: expect.objectContaining({ line: 5, message: 'Must be a JSON object.' }) },
    ]);
    await expect(rows('[{"userName":"ada"},', 'json')).rejects.toThrow(/not closed/);
    expect(await rows('{"userName":"ada"}\n\n{"userName":\n', 'jsonl')).toEqual([
      wish(1, { userName: 'ada' }),
      { line: 3, problem: expect.objectContaining({ line: 3, kind: 'unreadable' }) },
    ]);
  });

  test('flat enterprise attributes go where they belong, and __proto__ stays data', async () => {
    expect(await rows('[{"userName":"ada","Department":"Maths","manager":{"value":"7"}}]', 'json')).toEqual([
      wish(1, { userName: 'ada', [enterpriseUrn]: { department: 'Maths' } }, { manager: '7' }),
    ]);
    const [row] = await rows('[{"__proto__":{"x":1}}]', 'json');
    expect(row && 'wish' in row && Object.hasOwn(row.wish.patch, '__proto__')).toBe(true);
  });
});

describe('LDIF', () => {
  const file = `version: 1
# A comment,
 folded.
dn: dc=example,dc=com
objectClass: domain

dn: uid=ada,ou=people,dc=example,dc=com
changetype: add
objectClass: inetOrgPerson
uid: ada
cn: Ada Lovelace
sn: Love
 lace
givenName:: QWRh
mail: ada@example.com
mail: lovelace@example.com
telephoneNumber;lang-en: +44 1
title: Analyst
manager: cn=Grace Hopper, OU=people,dc=example,dc=com
l: London

dn: cn=Grace Hopper,ou=people,dc=example,dc=com
objectClass: person
cn: Grace Hopper
uid: grace

dn: uid=old,dc=example,dc=com
changetype: delete

dn: cn=Team\\2C A,ou=groups,dc=example,dc=com
objectClass: groupOfNames
cn: Team, A
member: uid=ada,ou=people,dc=example,dc=com
member: cn=Grace Hopper,ou=people,dc=example,dc=com
`;

  test('people, with folding, base64, comments and names in the tree', async () => {
    const read = await rows(file, 'ldif');
    expect(read).toEqual([
      {
        line: 7,
        wish: {
          elements: [],
          manager: 'grace',
          patch: {
            userName: 'ada',
            name: { givenName: 'Ada', familyName: 'Lovelace', formatted: 'Ada Lovelace' },
            displayName: 'Ada Lovelace',
            title: 'Analyst',
            emails: [
              { value: 'ada@example.com', type: 'work' },
              { value: 'lovelace@example.com', type: 'work' },
            ],
            phoneNumbers: [{ value: '+44 1', type: 'work' }],
            addresses: [{ locality: 'London', type: 'work' }],
            [enterpriseUrn]: {},
          },
        },
      },
      expect.objectContaining({ line: 22 }),
      { line: 27, problem: expect.objectContaining({ message: expect.stringContaining('changetype: delete') }) },
    ]);
  });

  test('groups, with members by userName', async () => {
    const read = await rows(file, 'ldif', groupSchemas);
    expect(read.at(-1)).toEqual(wish(30, { displayName: 'Team, A' }, { members: [{ name: 'ada' }, { name: 'grace' }] }));
  });
});

test('a format is told by the name, else by the beginning', async () => {
  expect(['a.csv', 'a.TSV', 'a.ndjson', 'a.ldif', 'a.json', 'a', 'a.xls'].map(formatOf)).toEqual([
    'csv',
    'csv',
    'jsonl',
    'ldif',
    'json',
    undefined,
    undefined,
  ]);
  const told = async (text: string) => (await inspect(sourceOf(text, 4096), 'file', userSchemas)).format;
  expect(
    await Promise.all(['[{}]', '{"a":1}\n{"a":2}', '{"Resources":[]}', 'version: 1\ndn: x', 'userName\nada'].map(told)),
  ).toEqual(['json', 'jsonl', 'json', 'ldif', 'csv']);
});

test('what a file is about is told by its beginning, where that says so', async () => {
  const told = async (text: string) => (await inspect(sourceOf(text, 4096), 'file', userSchemas)).looksLike;
  const groups = [
    'Name,Members\nSales,ada',
    '[{"displayName":"Sales","members":[]}]',
    'dn: cn=x\nobjectClass: top\nobjectClass: group',
  ];
  expect(await Promise.all(groups.map(told))).toEqual(['groups', 'groups', 'groups']);
  const users = ['Login,Name\nada,Ada', '{"userName":"ada"}', 'dn: cn=x\nobjectClass: inetOrgPerson'];
  expect(await Promise.all(users.map(told))).toEqual(['users', 'users', 'users']);
  expect(await Promise.all(['Name\nSales', '[{"displayName":"Sales"}]', 'dn: cn=x\ncn: x'].map(told))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('every path that is offered for a column is read as one', async () => {
  for (const [schemas, some] of [
    [userSchemas, ['id', 'userName', 'name.givenName', 'emails[type eq "work"].value', 'roles', 'department', 'manager']],
    [groupSchemas, ['displayName', 'members', 'members.userName']],
  ] as const) {
    const { choices = [] } = await inspect(sourceOf('x,y\n1,2', 4096), 'file.csv', schemas);
    expect(choices).toEqual(expect.arrayContaining([...some, 'meta.version']));
    for (const path of choices) {
      const [row] = await rows('x\n1', 'csv', schemas, { mapping: { x: path } });
      expect(JSON.stringify(row), path).not.toBe(JSON.stringify({ line: 2, wish: { patch: {}, elements: [] } }));
    }
    expect(new Set(choices).size).toBe(choices.length);
  }
});
