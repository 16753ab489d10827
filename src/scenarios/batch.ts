import type { Subject } from './event.ts';
import type { Lane, Refused } from './lane.ts';
import { costCenter, enterpriseUrn, type Json } from './record.ts';
import { someone, type Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';
import { contentOf, ScenarioFailure, type WireConflict } from './wire.ts';

const count = 50;
const changedMeanwhile = 10;

interface BulkResult {
  status: string;
  version?: string;
  error?: { error: string; conflict?: WireConflict };
}

/** One call changes fifty people with the versions that were read; another agent has changed ten of them meanwhile. */
export const batch: Scenario = {
  name: 'batch',
  title: 'Batch',
  sentence:
    'One call changes fifty people, each with the version that was read; only the ten that others changed are conflicts, and are merged.',
  async play(stage) {
    const names = Array.from({ length: count }, (_, index) => `Colleague ${String(index + 1).padStart(2, '0')}`);
    const people = names.map((name) => someone(name, { title: 'Analyst', [enterpriseUrn]: { costCenter: 'CC-100' } }));
    const { users } = await stage.prepare(people);
    const mover = await stage.agent('Batch agent', 'moves fifty people to another cost centre');
    const auditor = await stage.agent('Audit agent', 'corrects ten job titles meanwhile');
    stage.phase('Batch', `${count} changes in one call, each with its version`);
    await readAll(stage, mover, users);
    await Promise.all([
      mover.think(2500, 'prepares the changes'),
      (async () => {
        for (const person of users.slice(20, 20 + changedMeanwhile)) {
          await stage.pace.sleep(180);
          await auditor.read(person);
          const outcome = await auditor.patch(person, { title: 'Senior Analyst' });
          if (outcome.kind === 'refused') await auditor.merge(outcome.refused);
        }
        auditor.tell('done', 'is done');
      })(),
    ]);
    const refused = await changeAll(stage, mover, users);
    mover.tell(
      'note',
      `reads the results: ${count - refused.length} are done, ${refused.length} were changed by others meanwhile`,
    );
    await stage.pace.sleep(1200);
    for (const one of refused) {
      await stage.pace.sleep(150);
      await mover.merge(one);
    }
    mover.tell('done', 'is done: both changes stand everywhere');
  },
};

async function readAll(stage: Stage, lane: Lane, people: readonly Subject[]): Promise<void> {
  const at = stage.pace.elapsed();
  const content = contentOf(await lane.call('scim_list_users', { count })) as unknown as Json[];
  const byId = new Map(content.map((record) => [record['id'], record]));
  for (const person of people) lane.learn(person, byId.get(person.id) ?? {});
  lane.tell('read', `reads all ${content.length} people and their versions, in one call`, { at });
}

/** @returns those that somebody else has changed since they were read. */
async function changeAll(stage: Stage, lane: Lane, people: readonly Subject[]): Promise<Refused[]> {
  const sets = { [costCenter]: 'CC-200' };
  const at = stage.pace.elapsed();
  const operations = people.map((person) => ({
    method: 'PATCH',
    path: `/Users/${person.id}`,
    expected_version: lane.known(person)['_version'],
    data: Object.entries(sets).map(([path, value]) => ({ op: 'replace', path, value })),
  }));
  stage.count({ attempts: operations.length });
  const { results } = contentOf(await lane.call('scim_bulk', { operations })) as unknown as { results: BulkResult[] };
  const refused: Refused[] = [];
  for (const [index, subject] of people.entries()) {
    const { version, error } = results[index] ?? {};
    const base = lane.known(subject);
    if (version !== undefined) lane.wrote(subject, version, sets, base);
    else if (error?.conflict) refused.push({ conflict: error.conflict, subject, sets, base });
    else throw new ScenarioFailure(`A change of the batch was refused: ${error?.error ?? 'it was not done'}`);
  }
  lane.tell('write', `changes ${people.length - refused.length} of ${people.length} people in one call`, {
    at,
    field: costCenter,
  });
  for (const one of refused) lane.refuse(one);
  return refused;
}
