import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { Job } from '../../api/index.ts';
import { Ago } from '../ago.tsx';
import { client, messageOf, queryClient, trpc } from '../connection.ts';
import { bytes, rows, things } from './words.ts';

/** The imports of a tenant that were begun: first those that are not done. */
export function EarlierImports({ tenant, onOpen }: { tenant: string; onOpen: (job: Job) => void }) {
  const list = useQuery({ ...trpc.transfer.list.queryOptions({ tenant }), staleTime: 0 });
  const look = useMutation({
    mutationFn: (id: string) => client.transfer.get.query({ tenant, id }),
    onSuccess: onOpen,
  });
  const remove = useMutation({
    mutationFn: (id: string) => client.transfer.remove.mutate({ tenant, id }),
    onSettled: () => queryClient.invalidateQueries(trpc.transfer.list.pathFilter()),
  });
  const all = list.data ?? [];
  const problem = look.error ?? remove.error;
  const isDone = ({ state }: Job) => state === 'done';
  const parts = [
    { title: 'Not finished', jobs: all.filter((job) => !isDone(job)) },
    { title: 'Finished', jobs: all.filter(isDone) },
  ];
  return (
    <Stack gap="md">
      {problem && (
        <Text size="sm" c="red" role="alert">
          {messageOf(problem)}
        </Text>
      )}
      {parts
        .filter(({ jobs }) => jobs.length > 0)
        .map(({ title, jobs }) => (
          <section key={title} aria-label={title}>
            <Title order={3} size="sm" mb={4}>
              {title}
            </Title>
            <ul className="transfer-jobs">
              {jobs.map((job) => (
                <li key={job.id}>
                  <div className="transfer-job">
                    <Text size="sm" fw={500} className="wraps">
                      <bdi>{job.name}</bdi>
                    </Text>
                    <Text size="xs" c="dimmed">
                      {stateText(job)} · begun <Ago at={job.created} />
                    </Text>
                  </div>
                  <Group gap={6} wrap="nowrap">
                    {job.state !== 'receiving' && (
                      <Button
                        variant="default"
                        size="compact-sm"
                        aria-label={`${actionOf(job)}: ${job.name}`}
                        onClick={() => look.mutate(job.id)}
                      >
                        {actionOf(job)}
                      </Button>
                    )}
                    <Button
                      variant="subtle"
                      size="compact-sm"
                      aria-label={`Remove ${job.name} from this list`}
                      onClick={() => remove.mutate(job.id)}
                    >
                      Remove
                    </Button>
                  </Group>
                </li>
              ))}
            </ul>
          </section>
        ))}
    </Stack>
  );
}

function actionOf({ state, counts }: Job): string {
  if (state === 'done') return 'Show the result';
  if (state === 'running' || state === 'previewing') return 'Show';
  return counts || state === 'interrupted' || state === 'cancelled' ? 'Look at it and go on' : 'Go on';
}

function stateText({ state, size, progress, counts, options }: Job): string {
  const far = progress && counts ? `, ${progress.done.toLocaleString('en')} of ${rows(progress.total)} done` : '';
  switch (state) {
    case 'receiving':
      return `Not all of the file arrived (${bytes(size)})`;
    case 'ready':
    case 'previewed':
      return 'Nothing imported yet';
    case 'previewing':
      return 'Being looked at';
    case 'running':
      return `Under way${far}`;
    case 'cancelled':
      return `Stopped${far}`;
    case 'interrupted':
      return `Broke off when Tandem ended${far}`;
    case 'failed':
      return `Could not go on${far}`;
    case 'done':
      return counts && options
        ? `${things(counts.create, options.kind)} added, ${counts.update.toLocaleString('en')} changed`
        : 'Done';
  }
}
