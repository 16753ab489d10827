import { Button, Group, Skeleton, Stack, Text, Timeline, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Json, Revision } from '../../directory/pure.ts';
import { messageOf, trpc } from '../connection.ts';
import { AuthorIcon } from '../editor/history.tsx';
import { ago, authorName, exactTime, labelOf, listOf, valueText } from '../words.ts';
import { memberChangesOf } from './member-changes.ts';

const verbs: Record<Revision['operation'], string> = {
  create: 'added this group',
  replace: 'made changes',
  patch: 'made changes',
  delete: 'deleted this group',
  recreate: 'brought this group back',
};

/** Everything that ever happened to a group, newest first. */
export function GroupHistory(props: { tenant: string; id: string; onRestore: (revision: Revision) => void }) {
  const { tenant, id, onRestore } = props;
  const history = useQuery(trpc.groups.history.queryOptions({ tenant, id, count: 100 }));
  if (history.error && !history.data)
    return (
      <Stack align="flex-start">
        <Text size="sm" role="alert">
          {messageOf(history.error)}
        </Text>
        <Button variant="default" onClick={() => void history.refetch()}>
          Try again
        </Button>
      </Stack>
    );
  if (!history.data) return <Skeleton height={160} />;
  const now = history.data[0]?.resource;
  return (
    <Timeline bulletSize={26} lineWidth={1}>
      {history.data.map((revision) => (
        <Timeline.Item
          key={revision.revision}
          bullet={<AuthorIcon author={revision.author} />}
          title={
            <Text size="sm" fw={600}>
              {authorName(revision.author)} {verbs[revision.operation]}
            </Text>
          }
        >
          <Group gap="xs">
            <Tooltip label={exactTime(revision.at)}>
              <Text size="xs" c="dimmed">
                {ago(revision.at)}
              </Text>
            </Tooltip>
            {revision.operation !== 'delete' && now !== undefined && !isSameRecord(revision.resource, now) && (
              <Button size="compact-xs" variant="subtle" onClick={() => onRestore(revision)}>
                Use this name
              </Button>
            )}
          </Group>
          {revision.operation !== 'delete' && <Changes revision={revision} />}
        </Timeline.Item>
      ))}
    </Timeline>
  );
}

function isSameRecord(a: Revision['resource'], b: Revision['resource']): boolean {
  return a['displayName'] === b['displayName'] && a['externalId'] === b['externalId'];
}

function Changes({ revision: { changes, operation } }: { revision: Revision }) {
  const { added, removed } = memberChangesOf({ changes });
  // Of very many, only how many there were and are is told.
  const count = changes.find(({ path }) => path === 'members');
  const names = (list: readonly { display: string }[]) =>
    listOf(
      list.map(({ display }) => display || 'somebody who is not here any more'),
      8,
    );
  const fields = operation === 'create' ? [] : changes.filter(({ path }) => !path.startsWith('members'));
  return (
    <Stack gap={2} mt={4} className="wraps">
      {fields.map(({ path, before, after }) => (
        <Text key={path} size="sm">
          {labelOf(path)}: {before !== undefined && <s>{valueText(before)}</s>} {before !== undefined && '→ '}
          {valueText(after)}
        </Text>
      ))}
      {added.length > 0 && (
        <Text size="sm">
          {added.length === 1 ? 'New member' : `${added.length} new members`}: {names(added)}
        </Text>
      )}
      {removed.length > 0 && (
        <Text size="sm">
          {removed.length === 1 ? 'No member any more' : `${removed.length} no members any more`}: {names(removed)}
        </Text>
      )}
      {count && (
        <Text size="sm">
          Number of members: <s>{countOf(count.before)}</s> → {countOf(count.after)}
        </Text>
      )}
    </Stack>
  );
}

function countOf(value: Json | undefined): string {
  return typeof value === 'number' ? value.toLocaleString('en') : '0';
}
