import { Button, Group, Loader, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconClock, IconMessageQuestion } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import type { Context, Task } from '../../api/index.ts';
import { client, messageOf } from '../connection.ts';
import { useActivity } from './activity.ts';
import { Elapsed } from './elapsed.tsx';

interface Props {
  tenant: string;
  tasks: readonly Task[];
  contexts: readonly Context[];
  onOpen: (id: string) => void;
}

/** What runs or waits, over all conversations. */
export function RunningTasks({ tenant, tasks, contexts, onOpen }: Props) {
  if (tasks.length === 0) return null;
  return (
    <section className="running" aria-label="At work">
      <Text size="xs" fw={600} c="dimmed" mb={4}>
        At work
      </Text>
      <ul>
        {tasks.map((task) => (
          <RunningTask
            key={task.id}
            tenant={tenant}
            task={task}
            title={contexts.find(({ id }) => id === task.contextId)?.title}
            onOpen={onOpen}
          />
        ))}
      </ul>
    </section>
  );
}

function RunningTask({
  tenant,
  task,
  title,
  onOpen,
}: {
  tenant: string;
  task: Task;
  title: string | undefined;
  onOpen: Props['onOpen'];
}) {
  const activity = useActivity(task.id);
  const cancel = useMutation({
    mutationFn: () => client.assistant.cancel.mutate({ tenant, taskId: task.id }),
    onError: (error) => notifications.show({ color: 'red', message: messageOf(error) }),
  });
  const { contextId, status } = task;
  const { prompt } = task.input;
  const name = typeof prompt === 'string' && prompt !== '' ? prompt : (title ?? 'A request');
  const isAsking = status === 'running' && activity?.isAsking === true;
  return (
    <li className="running-task">
      {status === 'scheduled' ? (
        <IconClock size={16} aria-hidden />
      ) : isAsking ? (
        <IconMessageQuestion size={16} aria-hidden className="warning-icon" />
      ) : (
        <Loader size={14} aria-hidden />
      )}
      <button type="button" className="running-open" onClick={() => contextId !== undefined && onOpen(contextId)}>
        <span className="conversation-title">
          <bdi>{name}</bdi>
        </span>
        <span className="conversation-sub">
          {isAsking
            ? 'Waits for your answer'
            : status === 'scheduled'
              ? 'Waits for its turn'
              : activity && activity.calls > 0
                ? `Step ${activity.calls}: ${activity.last}`
                : 'Working'}
          {!isAsking && (
            <>
              {' '}
              <Elapsed since={task.started ?? task.created} />
            </>
          )}
          {task.attempts > 1 && `, attempt ${task.attempts}`}
        </span>
      </button>
      <Group>
        <Button
          variant="default"
          size="compact-xs"
          aria-label={`Cancel: ${name}`}
          loading={cancel.isPending}
          onClick={() => cancel.mutate()}
        >
          Cancel
        </Button>
      </Group>
    </li>
  );
}
