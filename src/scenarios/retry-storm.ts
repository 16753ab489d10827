import { contend, type Contention, type Wait } from './contend.ts';
import type { Subject } from './event.ts';
import type { Lane } from './lane.ts';
import type { Json } from './record.ts';
import { someone, type Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';
import type { WireConflict } from './wire.ts';

const updates = 4;
const thinkMs = 400;
/** Also as fast as possible, a writer takes some time from reading to writing, or nothing would ever collide. */
const thinkMsMin = 15;
const attemptsMax = 60;

const ways: readonly { wait: Wait; name: string; text: string }[] = [
  { wait: 'naive', name: 'Naive', text: 'who is refused tries again at once' },
  { wait: 'jitter', name: 'Full jitter', text: 'who is refused waits for a random time that may double' },
  { wait: 'paced', name: 'Server-paced', text: 'who is refused comes back when the server says' },
];

/** Many writers on one person: three ways to try again, one after the other with the same writers. */
export const retryStorm: Scenario = {
  name: 'retry-storm',
  title: 'Retry storm',
  sentence: 'Many agents count up the same field at once: trying again at once, after a random time, and when the server says.',
  agents: { min: 2, max: 16, usual: 12 },
  async play(stage) {
    const { users } = await stage.prepare(ways.map(({ name }) => someone(`Counter ${name}`)));
    const lanes: Lane[] = [];
    for (let writer = 1; writer <= stage.agents; writer++)
      lanes.push(await stage.agent(`Writer ${String(writer).padStart(2, '0')}`, `counts up ${updates} times in each way`));
    for (const [index, { wait, name, text }] of ways.entries()) {
      const counter = users[index];
      if (!counter) throw new Error('the counters were prepared');
      await stage.pace.sleep(600);
      stage.phase(name, text);
      const callers = lanes.map((lane) => callerOf(stage, lane, counter, wait));
      const contention: Contention = {
        callers,
        userId: counter.id,
        updates,
        thinkMs: Math.max(stage.pace.scaled(thinkMs), thinkMsMin),
        attemptsMax,
        wait,
        signal: stage.signal,
        onUpdate({ writer, written, retries }) {
          const outcome = written ? 'has counted' : 'gives up';
          lanes[writer]?.tell('note', `${outcome}, after ${retries} ${retries === 1 ? 'refusal' : 'refusals'}`, {
            subject: counter,
          });
        },
      };
      const { lost } = await contend(contention);
      stage.count({ lostUpdates: lost });
    }
    for (const lane of lanes) lane.tell('done', 'is done');
  },
};

/** The writer's calls, told on its lane and held in the account. */
function callerOf(stage: Stage, lane: Lane, counter: Subject, wait: Wait): Contention['callers'][number] {
  return async (name, args) => {
    if (name !== 'scim_update_user') return { success: true, content: await lane.read(counter, 'reads the counter') };
    const { nickName } = args['user_data'] as Json;
    const base = lane.known(counter);
    const outcome = await lane.write({
      tool: name,
      args,
      subject: counter,
      sets: { nickName },
      base,
      text: `counts to ${String(nickName)}`,
    });
    if (outcome.kind === 'written') return { success: true, content: outcome.record };
    if (outcome.kind === 'declined') throw new Error('nobody is asked here');
    const { conflict } = outcome.refused;
    if (wait === 'paced') tellSlot(lane, conflict, counter);
    return { success: false, content: { error_code: 'VERSION_MISMATCH', conflict } };
  };
}

function tellSlot(lane: Lane, { retry_after_ms: ms = 0 }: WireConflict, subject: Subject): void {
  lane.tell('wait', ms > 0 ? `waits for its turn, in ${ms} ms` : 'may try again at once', { subject, ms });
}
