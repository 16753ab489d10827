import { Button, Group, Loader, Text } from '@mantine/core';
import { IconAlertTriangle, IconPlayerStop } from '@tabler/icons-react';
import type { Task } from '../../../api/index.ts';
import { Elapsed } from '../elapsed.tsx';

interface Props {
  task: Task;
  hasChanged: boolean;
  /** It waits for an answer of the person, so it does not work. */
  isAsking: boolean;
  isLast: boolean;
  onRetry: () => void;
  onUndo: () => void;
  onModels: () => void;
}

/** How a request goes or has ended, and what can be done then. */
export function RunEnd({ task, hasChanged, isAsking, isLast, onRetry, onUndo, onModels }: Props) {
  const { status, error } = task;
  const undo = hasChanged && (
    <Button variant="default" size="compact-sm" onClick={onUndo}>
      Undo what this did …
    </Button>
  );
  const again = isLast && (
    <Button variant="default" size="compact-sm" onClick={onRetry}>
      Try again
    </Button>
  );
  switch (status) {
    case 'scheduled':
    case 'running':
      if (isAsking) return null;
      return (
        <Group gap={8} className="run-end">
          <Loader size={14} aria-hidden />
          <Text size="sm" c="dimmed">
            {status === 'scheduled' ? 'Starts soon' : 'Working'} <Elapsed since={task.started ?? task.created} />
            {task.attempts > 1 && `, attempt ${task.attempts}`}
          </Text>
        </Group>
      );
    case 'failed':
      return (
        <div className="run-failed">
          <Group gap={8} wrap="nowrap" align="flex-start">
            <IconAlertTriangle size={18} aria-hidden className="warning-icon" />
            <div>
              <Text size="sm" className="wraps">
                {error?.message ?? 'It failed, and nothing says why.'}
              </Text>
              <Group gap="xs" mt={6}>
                {again}
                {error?.code.startsWith('MODEL') && (
                  <Button variant="default" size="compact-sm" onClick={onModels}>
                    Look at the models
                  </Button>
                )}
                {undo}
              </Group>
            </div>
          </Group>
        </div>
      );
    case 'cancelled':
      return (
        <div className="run-end">
          <Group gap={8}>
            <IconPlayerStop size={16} aria-hidden />
            <Text size="sm" c="dimmed">
              Stopped.{hasChanged ? ' What was changed before stays, until you undo it.' : ''}
            </Text>
            {again}
            {undo}
          </Group>
        </div>
      );
    case 'completed':
      return undo ? <div className="run-end">{undo}</div> : null;
  }
}
