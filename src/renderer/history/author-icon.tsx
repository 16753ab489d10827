import { Button, Group, Skeleton, Stack, Text, Timeline } from '@mantine/core';
import { IconRobot, IconSettings, IconUser } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Author, Revision } from '../../directory/pure.ts';
import { Ago } from '../ago.tsx';
import { messageOf, trpc } from '../connection.ts';
import { authorName, labelOf } from '../words.ts';
import { ValueText } from './value-text.tsx';

const verbs: Record<Revision['operation'], string> = {
  create: 'added this person',
  replace: 'made changes',
  patch: 'made changes',
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
            <Text size="xs" c="dimmed">
              <Ago at={revision.at} />
            </Text>
            {index > 0 && revision.operation !== 'delete' && (
              <Button size="compact-xs" variant="subtle" onClick={() => onRestore(revision)}>
                Use this version
              </Button>
            )}
          </Group>
          {(revision.operation === 'replace' || revision.operation === 'patch') && (
            <Stack gap={2} mt={4}>
              {revision.changes.slice(0, shownMax).map(({ path, before, after }) => (
                <Text key={path} size="sm" className="wraps">
                  {labelOf(path)}:{' '}
                  {before !== undefined && (
                    <s>
                      <ValueText tenant={tenant} path={path} value={before} />
                    </s>
                  )}
                  {before !== undefined && ' → '}
                  <ValueText tenant={tenant} path={path} value={after} />
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
