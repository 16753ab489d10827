import { client, refusalOf } from '../connection.ts';

/** As src/api/groups.ts takes them. */
const atOnceMax = 10_000;

/** Adds or removes members, in as many requests as it takes. */
export async function changeMembers(
  tenant: string,
  group: string,
  change: { add: readonly string[] } | { remove: readonly string[] },
): Promise<void> {
  const ids = 'add' in change ? change.add : change.remove;
  for (let from = 0; from < ids.length; from += atOnceMax) {
    const some = ids.slice(from, from + atOnceMax);
    await client.groups.modifyMembers.mutate({ tenant, id: group, ...('add' in change ? { add: some } : { remove: some }) });
  }
}

/** Makes somebody a member again of groups that they were in; a group that is not there any more is passed over. */
export async function joinAgain(tenant: string, id: string, groups: readonly string[]): Promise<void> {
  for (const group of groups)
    try {
      await changeMembers(tenant, group, { add: [id] });
    } catch (error) {
      if (refusalOf(error)?.code !== 'NOT_FOUND') throw error;
    }
}

/** The groups that somebody is in by name, not through another one. */
export async function directGroups(tenant: string, id: string): Promise<string[]> {
  const groups = await client.groups.of.query({ tenant, id });
  return groups.filter(({ type }) => type === 'direct').map(({ value }) => value);
}
