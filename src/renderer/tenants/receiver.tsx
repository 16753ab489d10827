import { Button, Code, CopyButton, Group, Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconClock } from '@tabler/icons-react';
import { useState } from 'react';
import type { EventStreamStatus } from '../../api/index.ts';
import { Ago } from '../ago.tsx';

interface Props {
  receiver: EventStreamStatus;
  /** Where one that is not sent its events asks for them. */
  pollUrl: string | undefined;
  isBusy: boolean;
  onAct: (what: 'resume' | 'skip' | 'remove') => void;
}

/** One program that is told of changes. */
export function Receiver({ receiver, pollUrl, isBusy, onAct }: Props) {
  const { name, method, url, form, state, problem, hasAuthorization } = receiver;
  const [removing, setRemoving] = useState(false);
  const address = method === 'push' ? url : pollUrl;
  const isStopped = state === 'stopped';
  return (
    <li className="receiver">
      <div className="receiver-head">
        <Text fw={500} span className="wraps">
          {name}
        </Text>
        <Text size="sm" span className="receiver-state">
          <StateIcon state={state} /> {stateOf(receiver)}
        </Text>
      </div>
      <Text size="sm" c="dimmed">
        {method === 'push' ? 'Events are sent to' : 'It fetches its events from'} <Code className="wraps">{address ?? '…'}</Code>
        {method === 'push' && hasAuthorization && ' with an Authorization value'}.{' '}
        {form === 'full' ? 'They carry the new values.' : 'They name what changed, without values.'}
      </Text>
      {problem && (
        <Text size="sm" className="wraps" role={isStopped ? 'alert' : undefined}>
          {problem.message}{' '}
          <Text span size="xs" c="dimmed">
            <Ago at={problem.at} />
          </Text>
        </Text>
      )}
      {removing ? (
        <Group gap="xs" role="group" aria-label={`Remove ${name}`}>
          <Text size="sm">What it has not received is never sent to it.</Text>
          <Button size="compact-sm" variant="default" onClick={() => setRemoving(false)}>
            Cancel
          </Button>
          <Button size="compact-sm" color="red.9" loading={isBusy} onClick={() => onAct('remove')}>
            Remove {name}
          </Button>
        </Group>
      ) : (
        <Group gap="xs">
          {(isStopped || state === 'retrying') && (
            <Button size="compact-sm" variant="default" disabled={isBusy} onClick={() => onAct('resume')}>
              Try again now
            </Button>
          )}
          {isStopped && (
            <Button size="compact-sm" variant="default" disabled={isBusy} onClick={() => onAct('skip')}>
              Skip this event
            </Button>
          )}
          {method === 'poll' && address !== undefined && (
            <CopyButton value={address}>
              {({ copied, copy }) => (
                <Button size="compact-sm" variant="default" onClick={copy}>
                  {copied ? 'Copied' : 'Copy the address'}
                </Button>
              )}
            </CopyButton>
          )}
          <Button size="compact-sm" variant="default" aria-label={`Remove ${name} …`} onClick={() => setRemoving(true)}>
            Remove …
          </Button>
        </Group>
      )}
    </li>
  );
}

function stateOf({ state, method, waiting: { count, hasMore } }: EventStreamStatus): string {
  const number = `${count.toLocaleString('en')}${hasMore ? ' or more' : ''}`;
  const waiting = count === 0 ? '' : `${number} ${count === 1 ? 'change' : 'changes'} waiting`;
  if (state === 'stopped') return `Stopped, ${waiting}`;
  if (state === 'retrying') return `Trying again, ${waiting}`;
  if (state === 'suspended') return waiting === '' ? 'Suspended' : `Suspended, ${waiting}`;
  if (state === 'up to date') return 'Up to date';
  return method === 'poll' ? `${waiting} to be fetched` : waiting;
}

function StateIcon({ state }: Pick<EventStreamStatus, 'state'>) {
  if (state === 'stopped' || state === 'retrying') return <IconAlertTriangle size={16} aria-hidden />;
  return state === 'up to date' ? <IconCheck size={16} aria-hidden /> : <IconClock size={16} aria-hidden />;
}
