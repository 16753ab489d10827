import type { Subject } from './event.ts';
import type { Lane } from './lane.ts';
import { department, enterpriseUrn, groupUrn, labelOf, listOf, manager, quoted, valueAt, type Json } from './record.ts';
import { someone, type Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';
import { contentOf } from './wire.ts';

/** Where the workflow is, and on which versions its plan rests. It is all that the agent keeps between two steps. */
interface Checkpoint {
  /** The next step. */
  step: number;
  /** Whether the agent was started again already. */
  restarted: boolean;
  hire: Subject | null;
  people: { mara: Subject; jonas: Subject };
  teams: Record<string, Subject>;
  /** By id: the version that was seen last. */
  versions: Record<string, string>;
  plan: { department: string; manager: 'mara' | 'jonas' };
}

const pause = { think: 1100, between: 500 } as const;

/** An onboarding in five steps. Others change what it rests on; each checkpoint is looked at again before the next step. */
export const longRunningWorkflow: Scenario = {
  name: 'long-running-workflow',
  title: 'Long-running workflow',
  sentence:
    'An onboarding in steps looks at each checkpoint again before it goes on, and adapts its plan to what others changed.',
  resumable: true,
  async play(stage) {
    const onboarding = await stage.agent('Onboarding agent', 'brings a new colleague in, step by step');
    const hr = await stage.agent('HR agent', 'changes departments, managers and titles');
    const facilities = await stage.agent('Facilities agent', 'changes what the plan does not rest on');
    stage.phase(
      'Onboarding',
      stage.checkpoint === undefined ? 'five steps, with a checkpoint after each' : 'goes on from its checkpoint',
    );
    let state = stage.checkpoint === undefined ? await begin(stage) : (JSON.parse(stage.checkpoint) as Checkpoint);
    while (state.step < steps.length) {
      await meanwhile(stage, { hr, facilities }, state);
      if (state.step > 0) await revalidate(stage, onboarding, state);
      await onboarding.think(pause.think, `step ${state.step + 1} of ${steps.length}: ${steps[state.step]?.says ?? ''}`);
      await steps[state.step]?.run(onboarding, state, hr);
      state.step += 1;
      const text = JSON.stringify(state);
      stage.save(text);
      onboarding.tell(
        'note',
        `keeps a checkpoint: step ${state.step} is done, on ${Object.keys(state.versions).length} versions`,
      );
      if (state.step === 2 && !state.restarted) state = await restart(stage, onboarding, text);
    }
    onboarding.tell('done', 'is done: the new colleague can start');
  },
};

async function begin(stage: Stage): Promise<Checkpoint> {
  const { users, groups } = await stage.prepare(
    [someone('Mara Lind', { title: 'Head of Sales' }), someone('Jonas Weber', { title: 'Team Lead' })],
    ['Sales', 'Marketing'].map((displayName) => ({ schemas: [groupUrn], displayName })),
  );
  const [mara, jonas] = users;
  if (!mara || !jonas) throw new Error('the people were prepared');
  const teams = Object.fromEntries(groups.map((group) => [group.name, group]));
  const plan = { department: 'Sales', manager: 'mara' } as const;
  return { step: 0, restarted: false, hire: null, people: { mara, jonas }, teams, versions: {}, plan };
}

/** The process of the agent ends. Another one has nothing but the checkpoint. */
async function restart(stage: Stage, lane: Lane, text: string): Promise<Checkpoint> {
  lane.tell('note', `is stopped here; only its checkpoint is left (${text.length} characters)`);
  await lane.disconnect();
  await stage.pace.sleep(1200);
  await lane.connect();
  lane.tell('note', 'is started again, from its checkpoint');
  return { ...(JSON.parse(text) as Checkpoint), restarted: true };
}

const steps: readonly { says: string; run: (lane: Lane, state: Checkpoint, hr: Lane) => Promise<void> }[] = [
  {
    says: 'create the account',
    async run(lane, state) {
      const { plan, people } = state;
      const extension = { department: plan.department, manager: { value: people[plan.manager].id } };
      const record = someone('Noor Haddad', { active: false, title: 'Account Executive', [enterpriseUrn]: extension });
      // Stopped after the write and before its checkpoint, it is there already.
      const before = await findUser(lane, String(record['userName']));
      state.hire = before ?? (await lane.create(record, 'Noor Haddad')).subject;
      await see(lane, state, state.hire);
      await see(lane, state, people[plan.manager]);
    },
  },
  {
    says: 'join the team of the department',
    async run(lane, state) {
      const team = state.teams[state.plan.department];
      if (!team || !state.hire) throw new Error('the plan has a team and a person');
      await lane.addMembers(team, [state.hire]);
      await see(lane, state, team);
    },
  },
  {
    says: 'set the manager who approves access',
    async run(lane, state) {
      const { id, name } = state.people[state.plan.manager];
      await set(lane, state, { [manager]: id }, `sets the manager of Noor Haddad to ${name}`);
    },
  },
  {
    says: 'assign the web page',
    async run(lane, state) {
      await set(lane, state, { profileUrl: 'https://noor.example/' }, 'sets the web page of Noor Haddad');
    },
  },
  {
    says: 'switch the account on',
    async run(lane, state, hr) {
      const { hire } = state;
      if (!hire) return;
      const base = lane.known(hire);
      // Between its last look and its write, so that the version is what tells.
      await hr.read(hire);
      await hr.patch(hire, { title: 'Senior Account Executive' });
      await set(lane, state, { active: true }, 'switches Noor Haddad on', base);
    },
  },
];

/** What others do before a step. */
async function meanwhile(stage: Stage, { hr, facilities }: { hr: Lane; facilities: Lane }, state: Checkpoint): Promise<void> {
  const { hire, people } = state;
  if (!hire) return;
  await stage.pace.sleep(pause.between);
  const change = async (lane: Lane, subject: Subject, sets: Json) => {
    await lane.read(subject);
    await lane.patch(subject, sets);
  };
  if (state.step === 1) await change(hr, hire, { [department]: 'Marketing' });
  if (state.step === 2) await change(hr, people.mara, { active: false });
  if (state.step === 3) await change(facilities, hire, { nickName: 'Desk 4-112' });
}

/** Reads everything again that the plan rests on. What is of another version is compared, and the plan is adapted. */
async function revalidate(stage: Stage, lane: Lane, state: Checkpoint): Promise<void> {
  const { hire, people, teams, plan } = state;
  if (!hire) return;
  for (const subject of [hire, people[plan.manager], ...Object.values(teams)]) {
    const before = state.versions[subject.id];
    if (before === undefined) continue;
    const record = await lane.read(subject, `looks at its checkpoint again: ${subject.name}`);
    if (record['_version'] === before) continue;
    const about = { resource_type: subject.type, resource_id: subject.id, from_version: before };
    const { changes } = contentOf(await lane.call('scim_compare_versions', about)) as { changes: { path: string }[] };
    const fields = changes.map(({ path }) => path);
    lane.tell('note', `finds another version of ${subject.name}: ${listOf(fields.map(labelOf))} changed since`, { subject });
    state.versions[subject.id] = String(record['_version']);
    await adapt(stage, lane, state, subject, record);
  }
}

async function adapt(stage: Stage, lane: Lane, state: Checkpoint, subject: Subject, record: Json): Promise<void> {
  const { plan, people, hire } = state;
  const actual = valueAt(record, department);
  if (subject.id === hire?.id && typeof actual === 'string' && actual !== plan.department) {
    plan.department = actual;
    lane.tell('merge', `adapts the plan: the team is ${quoted(actual)} now`, { subject, field: department });
  } else if (subject.id === people.mara.id && record['active'] === false) {
    plan.manager = 'jonas';
    lane.tell('merge', `adapts the plan: ${people.jonas.name} approves, since ${subject.name} has left`, { subject });
    await see(lane, state, people.jonas);
  } else lane.tell('note', 'keeps the plan: it does not rest on that', { subject });
  await stage.pace.sleep(700);
}

async function findUser(lane: Lane, userName: string): Promise<Subject | null> {
  const search = { attribute: 'userName', value: userName };
  const { Resources } = contentOf(await lane.call('scim_search_users', search)) as unknown as {
    Resources: { id: string; displayName: string }[];
  };
  const [found] = Resources;
  return found ? { type: 'User', id: found.id, name: found.displayName } : null;
}

async function see(lane: Lane, state: Checkpoint, subject: Subject): Promise<void> {
  const { _version: version } = await lane.read(subject);
  state.versions[subject.id] = String(version);
}

async function set(lane: Lane, state: Checkpoint, sets: Json, text: string, base?: Json): Promise<void> {
  const { hire } = state;
  if (!hire) return;
  let outcome = await lane.patch(hire, sets, base, text);
  while (outcome.kind === 'refused') outcome = await lane.merge(outcome.refused);
  state.versions[hire.id] = String(lane.known(hire)['_version']);
}
