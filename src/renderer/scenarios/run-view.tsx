import { Alert, Badge, Button, Group, Loader, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle, IconArrowLeft } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { RunSnapshot, ScenarioInfo } from '../../api/index.ts';
import { client, messageOf, queryClient, trpc } from '../connection.ts';
import { EventLog } from './event-log.tsx';
import { Lanes } from './lanes.tsx';
import { ResultTable } from './result-table.tsx';
import { RunControls } from './run-controls.tsx';
import { secondsText } from './times.ts';
import { useRun } from './use-run.ts';

interface Props {
  id: string;
  scenarios: readonly ScenarioInfo[];
  /** Shows another run, or all scenarios. */
  onShow: (id: string | undefined) => void;
  /** Shows a tenant in the window, behind the dialog. */
  onLook: (tenant: string) => void;
}

/** One run: its clients on a time line, what can be done with it, what came of it, and everything in words. */
export function RunView({ id, scenarios, onShow, onLook }: Props) {
  const { run, events, isGone, error } = useRun(id);
  const [isBusy, setBusy] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const now = useNow(run);
  const isShown = run !== undefined;
  useEffect(() => {
    if (isShown) heading.current?.focus();
  }, [id, isShown]);

  /** Does something that takes a moment, once at a time. */
  const act = async (work: () => Promise<RunSnapshot | undefined | void>, done?: () => void) => {
    setBusy(true);
    try {
      const started = await work();
      if (started) onShow(started.id);
      done?.();
      void queryClient.invalidateQueries(trpc.tenants.list.pathFilter());
      void queryClient.invalidateQueries(trpc.scenarios.pathFilter());
    } catch (failure) {
      notifications.show({ color: 'red', message: messageOf(failure) });
    } finally {
      setBusy(false);
    }
  };

  if (isGone || error !== undefined || !run)
    return (
      <div className="scenario-run">
        <Back onShow={onShow} />
        {isGone || error !== undefined ? (
          <Text role="alert">{error ?? 'This run is gone: it was removed, or Tandem was started again.'}</Text>
        ) : (
          <Loader aria-label="Loading" />
        )}
      </div>
    );
  const again = () => {
    const agents = scenarios.find(({ name }) => name === run.scenario)?.agents && agentsOf(run);
    return client.scenarios.start.mutate({ name: run.scenario, speed: run.speed, ...(agents !== undefined && { agents }) });
  };
  return (
    <div className="scenario-run">
      <Group justify="space-between" gap="sm" className="run-head">
        <div>
          <Back onShow={onShow} />
          <Group gap="sm">
            <Title order={2} size="h3" ref={heading} tabIndex={-1} className="run-title">
              {run.title}
            </Title>
            <State run={run} />
            <Text size="sm" c="dimmed" className="run-time">
              {secondsText(now)}
            </Text>
          </Group>
        </div>
        <RunControls
          run={run}
          isBusy={isBusy}
          actions={{
            pause: () => void act(() => client.scenarios.pause.mutate({ id })),
            resume: () => void act(() => client.scenarios.resume.mutate({ id })),
            setSpeed: (speed) => void act(() => client.scenarios.speed.mutate({ id, speed })),
            stop: () => void act(() => client.scenarios.stop.mutate({ id })),
            again: () => void act(again),
            goOn: () => void act(() => client.scenarios.goOn.mutate({ id })),
            look: () => onLook(run.tenant),
            remove: () =>
              void act(
                () => client.scenarios.remove.mutate({ id }),
                () => onShow(undefined),
              ),
          }}
        />
      </Group>
      <div role="status" className="run-outcome">
        {run.state === 'failed' && (
          <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title="It could not be played to the end">
            {run.error}
          </Alert>
        )}
        {run.state === 'stopped' && (
          <Text size="sm">
            It was stopped. What was acknowledged until then is in its people
            {run.resumable ? ', and it can go on from its last checkpoint.' : '.'}
          </Text>
        )}
      </div>
      <Lanes run={run} events={events} now={now} />
      {run.result && <ResultTable result={run.result} />}
      <EventLog events={events} />
      <Text size="xs" c="dimmed">
        It is played in a tenant made for it, {run.tenant}, by real MCP clients. Remove takes the tenant away; so does closing
        Tandem.
      </Text>
    </div>
  );
}

function Back({ onShow }: Pick<Props, 'onShow'>) {
  return (
    <Button
      variant="subtle"
      size="compact-sm"
      className="run-back"
      leftSection={<IconArrowLeft size={16} aria-hidden />}
      onClick={() => onShow(undefined)}
    >
      All scenarios
    </Button>
  );
}

const states: Record<RunSnapshot['state'], string> = {
  running: 'Playing',
  paused: 'Paused',
  done: 'Done',
  failed: 'Failed',
  stopped: 'Stopped',
};

function State({ run: { state, result } }: { run: RunSnapshot }) {
  const lost = result && (result.lostUpdates === 0 ? ': no update lost' : `: ${result.lostUpdates} lost`);
  return (
    <Badge variant="outline" color="gray" c="var(--mantine-color-text)" role="status">
      {states[state]}
      {lost}
    </Badge>
  );
}

/** The time of a run, which goes on between what is told of it. */
function useNow(run: RunSnapshot | undefined): number {
  const [now, setNow] = useState(0);
  useEffect(() => {
    if (!run) return;
    setNow(run.elapsedMs);
    if (run.state !== 'running') return;
    const from = performance.now();
    const timer = setInterval(() => setNow(run.elapsedMs + performance.now() - from), 200);
    return () => clearInterval(timer);
  }, [run]);
  return now;
}

/** As many agents as took part, for a scenario in which one can choose. */
function agentsOf({ lanes }: RunSnapshot): number {
  return lanes.filter(({ kind }) => kind === 'agent').length;
}
