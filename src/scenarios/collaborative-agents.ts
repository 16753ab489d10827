import type { Subject } from './event.ts';
import type { Lane } from './lane.ts';
import { costCenter, department, enterpriseUrn, groupUrn } from './record.ts';
import { someone, type Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

/** One agent for each field that the others do not touch: its name, what it does, and the values that it sets in turn. */
const owners: readonly { name: string; field: string; values: readonly [string, string, string] }[] = [
  { name: 'Titles', field: 'title', values: ['Analyst', 'Senior Analyst', 'Lead Analyst'] },
  { name: 'Payroll', field: costCenter, values: ['CC-410', 'CC-420', 'CC-430'] },
  { name: 'Departments', field: department, values: ['Finance', 'Controlling', 'Treasury'] },
  { name: 'Travel', field: 'timezone', values: ['Europe/Lisbon', 'Asia/Singapore', 'America/Toronto'] },
  { name: 'Languages', field: 'preferredLanguage', values: ['pt-PT', 'en-SG', 'fr-CA'] },
  { name: 'Contracts', field: 'userType', values: ['Intern', 'Contractor', 'Employee'] },
  { name: 'Regions', field: 'locale', values: ['pt-PT', 'en-SG', 'en-CA'] },
  { name: 'Divisions', field: `${enterpriseUrn}:division`, values: ['North', 'South', 'West'] },
  { name: 'Organisations', field: `${enterpriseUrn}:organization`, values: ['Northwind', 'Fabrikam', 'Contoso'] },
  { name: 'Numbers', field: `${enterpriseUrn}:employeeNumber`, values: ['10117', '10118', '10119'] },
  { name: 'Web pages', field: 'profileUrl', values: ['https://a.example/', 'https://b.example/', 'https://c.example/'] },
  { name: 'Nicknames', field: 'nickName', values: ['Ines', 'Nes', 'Inny'] },
  { name: 'Middle names', field: 'name.middleName', values: ['M.', 'Maria', 'Marie'] },
  { name: 'Honours', field: 'name.honorificPrefix', values: ['Ms', 'Dr', 'Prof'] },
  { name: 'Degrees', field: 'name.honorificSuffix', values: ['BSc', 'MSc', 'PhD'] },
  { name: 'Links', field: 'externalId', values: ['ext-1', 'ext-2', 'ext-3'] },
];

/** Several agents work on the same people at the same time: on other fields, on the same field, and on one group. */
export const collaborativeAgents: Scenario = {
  name: 'collaborative-agents',
  title: 'Collaborative agents',
  sentence: 'Several agents change the same people at the same time; what does not overlap is merged, what does is settled.',
  agents: { min: 2, max: owners.length, usual: 6 },
  async play(stage) {
    const working = owners.slice(0, stage.agents);
    const pool = working.flatMap((_, index) => [someone(`Member ${2 * index + 1}`), someone(`Member ${2 * index + 2}`)]);
    const { users, groups } = await stage.prepare(
      [someone('Ines Duarte'), someone('Ravi Menon', { title: 'Engineer' }), ...pool],
      [{ schemas: [groupUrn], displayName: 'Project Aurora' }],
    );
    const [ines, ravi, ...people] = users;
    const [group] = groups;
    if (!ines || !ravi || !group) throw new Error('the people were prepared');
    const lanes: Lane[] = [];
    for (const { name, field } of working)
      lanes.push(await stage.agent(`${name} agent`, `keeps one field: ${field.split(':').at(-1)}`));

    stage.phase('Different fields', 'every agent keeps a field of its own of the same person');
    await Promise.all(lanes.map((lane, index) => keepField(stage, lane, ines, index)));

    stage.phase('The same field', 'two agents want the same field of one person');
    await sameField(stage, lanes, ravi);

    stage.phase('Members', 'all agents add people to one group at the same time');
    await Promise.all(
      lanes.map(async (lane, index) => {
        for (const person of people.slice(2 * index, 2 * index + 2)) {
          await stage.pace.sleep(600 + 120 * index);
          await lane.addMembers(group, [person]);
        }
      }),
    );
    for (const lane of lanes) lane.tell('done', 'is done');
  },
};

async function keepField(stage: Stage, lane: Lane, person: Subject, index: number): Promise<void> {
  const owner = owners[index];
  if (!owner) return;
  for (const value of owner.values) {
    const base = await lane.read(person);
    await lane.think(1000 + 170 * index, 'thinks about the next value');
    const outcome = await lane.patch(person, { [owner.field]: value }, base);
    await stage.pace.sleep(500);
    if (outcome.kind === 'refused') await lane.merge(outcome.refused);
    await stage.pace.sleep(400);
  }
}

/** Both read, both write: one is first. The other once gives way, and once proposes what serves both. */
async function sameField(stage: Stage, [first, second]: readonly Lane[], person: Subject): Promise<void> {
  if (!first || !second) return;
  const wishes = [
    { lane: first, title: ['Platform Engineer', 'Staff Engineer'], other: { nickName: 'Rav' } },
    { lane: second, title: ['Release Engineer', 'Principal Engineer'], other: { userType: 'Employee' } },
  ];
  for (const round of [0, 1]) {
    await Promise.all(wishes.map(({ lane }) => lane.read(person)));
    await Promise.all(wishes.map(({ lane }) => lane.think(1300, 'decides on a job title')));
    await Promise.all(
      wishes.map(async ({ lane, title, other }) => {
        const mine = title[round] ?? '';
        const outcome = await lane.patch(person, round === 0 ? { title: mine, ...other } : { title: mine });
        if (outcome.kind !== 'refused') return;
        await stage.pace.sleep(900);
        const theirs = String(outcome.refused.conflict.current['title']);
        await lane.merge(outcome.refused, { title: round === 0 ? 'theirs' : { value: `${theirs}, ${mine}` } });
      }),
    );
    await stage.pace.sleep(700);
  }
}
