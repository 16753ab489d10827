import { Button, Group, Skeleton, Stack, Text, Timeline, Tooltip } from '@mantine/core';
import { IconRobot, IconSettings, IconUser } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Author, Revision } from '../../directory/pure.ts';
import { messageOf, trpc } from '../connection.ts';
import { ago, authorName, exactTime, labelOf, valueText } from '../words.ts';

const verbs: Record<Revision['operation'], string> = {
  create: 'added this person',
  replace: 'changed',
  patch: 'changed',
  delete: 'deleted this person',
  recreate: 'brought this person back',
};
const shownMax = 12;

/** Everything that ever happened to a user, newest first. */
export function History({ tenant, id, onRestore }: { tenant: string; id: string; onRestore: (revision: Revision) => void }) {
  const history = useQuery(trpc.people.history.queryOptions({ tenant, id, count: 100 }));
  if (history.error) return <Text size="sm">{messageOf(history.error)}</Text>;
  if (!history.data) return <Skeleton height={160} />;
  return (
    <Timeline bulletSize={26} lineWidth={1}>
      {history.data.map((revision, index) => (
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
            {index > 0 && revision.operation !== 'delete' && (
              <Button size="compact-xs" variant="subtle" onClick={() => onRestore(revision)}>
                Use this version
              </Button>
            )}
          </Group>
          {(revision.operation === 'replace' || revision.operation === 'patch') && (
            <Stack gap={2} mt={4}>
              {revision.changes.slice(0, shownMax).map(({ path, before, after }) => (
                <Text key={path} size="sm" style={{ overflowWrap: 'anywhere' }}>
                  {labelOf(path)}: <s>{valueText(before)}</s> → {valueText(after)}
                </Text>
              ))}
              {revision.changes.length > shownMax && <Text size="sm">… and {revision.changes.length - shownMax} more</Text>}
            </Stack>
          )}
        </Timeline.Item>
      ))}
    </Timeline>
  );
}

export function AuthorIcon({ author, size = 14 }: { author: Author; size?: number }) {
  const Icon = author.kind === 'agent' ? IconRobot : author.kind === 'system' ? IconSettings : IconUser;
  return <Icon size={size} aria-label={author.kind === 'agent' ? 'Agent' : author.kind === 'system' ? 'Tandem' : 'Person'} />;
}
