import type { Subject } from './event.ts';
import type { Lane } from './lane.ts';
import type { PersonLane } from './person-lane.ts';
import { costCenter, department, enterpriseUrn, labelOf, listOf } from './record.ts';
import { someone, type Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';
import { contentOf, type Advisory } from './wire.ts';

/** A person has a draft open while an agent works; then both want the same field, and the person decides. */
export const aiAndHuman: Scenario = {
  name: 'ai-and-human',
  title: 'AI and human',
  sentence: 'An agent sees what a person is typing and takes other fields; where both want the same, the person decides.',
  async play(stage) {
    const extension = { department: 'Sales', costCenter: 'CC-100' };
    const { users } = await stage.prepare([someone('Sam Okoro', { title: 'Sales Lead', [enterpriseUrn]: extension })]);
    const [sam] = users;
    if (!sam) throw new Error('the person was prepared');
    const priya = stage.person('Priya (played)', 'edits at the window');
    const agent = await stage.agent('Assistant', 'was asked to bring Sam’s record up to date');

    stage.phase('A draft is open', 'the agent sees it, and takes other fields');
    await draftIsOpen(stage, priya, agent, sam);

    stage.phase('The same field', 'the agent asks, the person says yes');
    await bothWant(stage, priya, agent, sam, {
      theirs: { title: 'Head of Sales' },
      mine: { title: 'Sales Director' },
      reason: 'The contract signed in May says Sales Director.',
      decision: { approve: true },
    });

    stage.phase('The same field again', 'the agent asks, the person says no');
    await bothWant(stage, priya, agent, sam, {
      theirs: { [department]: 'Partnerships' },
      mine: { [department]: 'Enterprise Sales' },
      reason: 'The organisation chart says Enterprise Sales.',
      decision: { approve: false, reason: 'The chart is old. Partnerships is right.' },
    });
    agent.tell('done', 'is done');
  },
};

async function draftIsOpen(stage: Stage, priya: PersonLane, agent: Lane, sam: Subject): Promise<void> {
  const typed = { title: 'Regional Sales Lead' };
  await priya.open(sam);
  await priya.type(sam, typed, 900);
  const about = { resource_type: 'User', resource_id: sam.id };
  const begun = contentOf(
    await agent.call('scim_begin_edit', {
      ...about,
      fields: ['title', department, costCenter],
      note: 'brings the record up to date',
    }),
  ) as { edit_id: string; advisory?: Advisory };
  const taken = begun.advisory?.fields_taken ?? [];
  await agent.wait(900, `is told before it writes: ${begun.advisory?.advice ?? 'nobody is here'}`, sam);
  const sets = Object.fromEntries(
    Object.entries({ title: 'Sales Manager', [department]: 'Field Sales', [costCenter]: 'CC-140' }).filter(
      ([path]) => !taken.includes(path),
    ),
  );
  agent.tell('note', `leaves ${listOf(taken.map(labelOf)) || 'nothing'} to the person, and takes other fields`, { subject: sam });
  const outcome = await agent.patch(sam, sets, await agent.read(sam));
  if (outcome.kind === 'refused') await agent.merge(outcome.refused);
  await agent.call('scim_end_edit', { edit_id: begun.edit_id });
  await stage.pace.sleep(900);
  await priya.save(sam, typed);
  priya.close(sam);
}

async function bothWant(
  stage: Stage,
  priya: PersonLane,
  agent: Lane,
  sam: Subject,
  round: {
    theirs: Record<string, unknown>;
    mine: Record<string, unknown>;
    reason: string;
    decision: { approve: boolean; reason?: string };
  },
): Promise<void> {
  await Promise.all([priya.open(sam), agent.read(sam)]);
  await priya.type(sam, round.theirs, 700);
  await priya.save(sam, round.theirs);
  priya.close(sam);
  await agent.think(700, 'thinks, and has not read that again');
  const outcome = await agent.patch(sam, round.mine);
  if (outcome.kind !== 'refused') return;
  await stage.pace.sleep(800);
  const answered = new AbortController();
  await Promise.all([
    agent.askPeople(outcome.refused, round.reason).finally(() => answered.abort()),
    priya.answer(round.decision, { thinkMs: 2200, until: AbortSignal.any([answered.signal, stage.signal]) }),
  ]);
}
