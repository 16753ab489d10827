import { Button, Group, Loader, Text } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { ClientKind, ConnectChoice, TestStep } from '../../api/index.ts';
import { client as api, messageOf } from '../connection.ts';

const labels: Record<TestStep['id'], string> = { initialize: 'Connect', tools: 'List the tools', call: 'Read people' };

interface Run {
  steps: readonly TestStep[];
  state: 'running' | 'ended' | 'stopped';
  error?: string;
}

/** Tries the way that a client takes, step by step; `start` begins anew, `stop` ends it. */
export function useConnectionTest(kind: ClientKind, choice: ConnectChoice) {
  const [run, setRun] = useState<Run>();
  const subscription = useRef<{ unsubscribe: () => void }>(undefined);
  const end = (state: Run['state'], error?: string) =>
    setRun((before) => ({ steps: before?.steps ?? [], state, ...(error !== undefined && { error }) }));
  useEffect(() => () => subscription.current?.unsubscribe(), []);
  const start = () => {
    subscription.current?.unsubscribe();
    setRun({ steps: [], state: 'running' });
    subscription.current = api.connect.test.subscribe(
      { kind, ...choice },
      {
        onData: (step) =>
          setRun((before) => ({
            state: 'running',
            steps: [...(before?.steps ?? []).filter(({ id }) => id !== step.id), step],
          })),
        onComplete: () => end('ended'),
        onError: (error) => end('ended', messageOf(error)),
      },
    );
  };
  const stop = () => {
    subscription.current?.unsubscribe();
    end('stopped');
  };
  return { run, start, stop };
}

/** How a test goes. */
export function ConnectionTest({ run, onStop, onAgain }: { run: Run; onStop: () => void; onAgain: () => void }) {
  const { steps, state, error } = run;
  const failed = steps.some((step) => step.state === 'failed') || error !== undefined;
  const total = steps.reduce((sum, { ms = 0 }) => sum + ms, 0);
  return (
    <div className="connect-test" role="group" aria-label="Test of the connection">
      <ol>
        {steps.map((step) => (
          <li key={step.id} data-state={step.state}>
            <Mark state={state === 'stopped' && step.state === 'running' ? 'failed' : step.state} />
            <span>{labels[step.id]}</span>
            <span className="connect-says">{step.says}</span>
            <span className="connect-ms">{step.ms !== undefined && `${step.ms.toLocaleString('en')} ms`}</span>
          </li>
        ))}
      </ol>
      {error !== undefined && (
        <Text size="sm" role="alert" c="var(--mantine-color-error)">
          {error}
        </Text>
      )}
      <Group gap="xs" justify="space-between">
        <Text size="sm" role="status" fw={500}>
          {state === 'running' && 'Trying it …'}
          {state === 'stopped' && 'Stopped.'}
          {state === 'ended' && (failed ? 'It does not work yet.' : `It works: ${total.toLocaleString('en')} ms in all.`)}
        </Text>
        <Button size="compact-xs" variant="default" onClick={state === 'running' ? onStop : onAgain}>
          {state === 'running' ? 'Stop' : 'Test again'}
        </Button>
      </Group>
    </div>
  );
}

function Mark({ state }: { state: TestStep['state'] }) {
  if (state === 'running') return <Loader size={14} aria-label="Running" />;
  return state === 'ok' ? <IconCheck size={16} aria-label="Done" /> : <IconX size={16} aria-label="Failed" />;
}
