import { client } from '../connection.ts';

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
