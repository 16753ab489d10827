import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Ago } from '../ago.tsx';
import { outcomeOf } from '../conflicts/words.ts';
import { trpc } from '../connection.ts';
import { labelOf, listOf } from '../words.ts';

const shownMax = 2;

/** What became of changes that agents wanted to make to the same record within the hour, and were refused. */
export function RefusedAgents({ tenant, id }: { tenant: string; id: string }) {
  const { data } = useQuery(trpc.conflicts.list.queryOptions({ tenant, resourceId: id, hours: 1, limit: 10 }));
  const byAgents = (data?.conflicts ?? []).filter(({ author }) => author.kind === 'agent');
  return byAgents.slice(0, shownMax).map((conflict) => {
    const { id: key, author, overlapping, fields, refusedAt } = conflict;
    const names = listOf((overlapping.length > 0 ? overlapping : fields).map((path) => labelOf(path).toLowerCase()));
    return (
      <Text key={key} size="sm">
        A change by <bdi>{author.name}</bdi>
        {names !== '' && ` of ${names}`} was refused <Ago at={refusedAt} />: {outcomeOf(conflict)}.
      </Text>
    );
  });
}
