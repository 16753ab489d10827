import type { Wanted } from './apply.ts';
import type { DecideContext, Decision, MemberDelta } from './decide.ts';

/** Members that one write moves: of 50,000 at once, the process would be held for too long. */
const membersPerWrite = 500;

/**
 * Does what was decided; it is on disk when this resolves.
 * @throws DirectoryError VERSION_MISMATCH where somebody was quicker; what the directory refuses.
 */
export async function writeDecision({ directory, actor, type }: DecideContext, decision: Decision): Promise<void> {
  if (decision.action === 'create') {
    const { resource, version } = await directory.create(actor, type, recordOf(decision.wanted));
    await moveMembers(resource.id, version, decision.members);
  } else if (decision.action === 'update') {
    const { current, wanted } = decision;
    const { id } = current.resource;
    const written = await directory.replace(actor, type, id, recordOf(wanted), { expectedVersion: current.version });
    await moveMembers(id, written.version, decision.members);
  }

  async function moveMembers(id: string, version: string, members: MemberDelta | undefined): Promise<void> {
    const steps = [
      ...inSteps(members?.remove ?? [], (remove) => ({ add: [], remove })),
      ...inSteps(members?.add ?? [], (add) => ({ add, remove: [] })),
    ];
    // The first shows that nobody was quicker; then others may move other members meanwhile.
    for (const [index, step] of steps.entries())
      await directory.modifyMembers(actor, id, step, index === 0 ? { expectedVersion: version } : {});
  }
}

function recordOf({ content, password }: Wanted): Record<string, unknown> {
  return password === undefined ? content : { ...content, password };
}

function inSteps<T>(ids: readonly string[], step: (part: string[]) => T): T[] {
  const steps: T[] = [];
  for (let from = 0; from < ids.length; from += membersPerWrite) steps.push(step(ids.slice(from, from + membersPerWrite)));
  return steps;
}
