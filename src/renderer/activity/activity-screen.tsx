import { Alert, Button, Group, SegmentedControl, Select, Skeleton, Stack, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Tenant } from '../../directory/pure.ts';
import { messageOf, trpc } from '../connection.ts';
import { Alarms } from './alarms.tsx';
import { AssistantFigures } from './assistant-figures.tsx';
import { CallTables } from './call-tables.tsx';
import { Figures } from './figures.tsx';
import { Parts } from './parts.tsx';
import { TimeBars } from './time-bars.tsx';
import { timeText } from './words.ts';

const periods = [
  { value: '60', label: 'Last hour', refreshMs: 5000 },
  { value: '1440', label: 'Last 24 hours', refreshMs: 15_000 },
] as const;

/** What agents and scripts have asked of Tandem, how fast it answered, and whether anything needs a person. */
export function ActivityScreen({ tenants }: { tenants: readonly Tenant[] }) {
  const [minutes, setMinutes] = useState<string>('60');
  const refreshMs = periods.find(({ value }) => value === minutes)?.refreshMs;
  const [tenant, setTenant] = useState<string | null>(null);
  const report = useQuery({
    ...trpc.observe.activity.queryOptions({ minutes: Number(minutes), ...(tenant !== null && { tenant }) }),
    placeholderData: keepPreviousData,
    refetchInterval: refreshMs ?? false,
  });
  const nameOf = (id: string) => tenants.find((tenant) => tenant.id === id)?.name ?? id;
  return (
    <Stack gap="lg" className="activity">
      <Group gap="sm">
        <SegmentedControl
          aria-label="Time"
          value={minutes}
          onChange={setMinutes}
          data={periods.map(({ value, label }) => ({ value, label }))}
        />
        {tenants.length > 1 && (
          <Select
            aria-label="Tenant"
            placeholder="All tenants"
            clearable
            value={tenant}
            onChange={setTenant}
            data={tenants.map(({ id, name }) => ({ value: id, label: name }))}
          />
        )}
      </Group>
      <Alarms />
      {report.error && !report.data ? (
        <Alert color="red" title="The figures could not be read" role="alert">
          <Text size="sm">{messageOf(report.error)}</Text>
          <Button mt="xs" size="compact-sm" variant="default" onClick={() => void report.refetch()}>
            Try again
          </Button>
        </Alert>
      ) : report.data === undefined ? (
        <Stack aria-label="Loading">
          <Skeleton height={72} />
          <Skeleton height={160} />
        </Stack>
      ) : (
        <>
          <Figures totals={report.data.totals} ofAll={tenant === null} />
          {report.data.totals.calls === 0 ? (
            <Stack align="center" gap={4} py={40}>
              <Text fw={600}>Nothing was called in this time</Text>
              <Text size="sm" c="dimmed" ta="center" maw={460}>
                When AI clients, scripts and provisioning work with the directory, it is told here how much they ask, how fast
                they are answered, and what goes wrong.
              </Text>
            </Stack>
          ) : (
            <>
              <div className="activity-charts">
                <section aria-label="Calls">
                  <h3>Calls</h3>
                  <TimeBars
                    label="Calls"
                    step={report.data.step}
                    text={(count) => count.toLocaleString('en')}
                    legend={{ ok: 'Answered', refused: 'Refused', failed: 'Failed' }}
                    pieces={report.data.points.map(({ from, calls, refused, failed }) => ({
                      from,
                      parts: [
                        { kind: 'ok', value: calls - refused - failed },
                        { kind: 'refused', value: refused },
                        { kind: 'failed', value: failed },
                      ],
                    }))}
                  />
                </section>
                <section aria-label="Slowest answers">
                  <h3>Slowest 5 % of the answers took at least</h3>
                  <TimeBars
                    label="Slowest 5 %"
                    step={report.data.step}
                    text={timeText}
                    pieces={report.data.points.map(({ from, p95 = 0 }) => ({ from, parts: [{ kind: 'ok', value: p95 }] }))}
                  />
                </section>
              </div>
              <CallTables clients={report.data.clients} tenants={report.data.tenants} nameOf={nameOf} />
            </>
          )}
          {tenant === null && report.data.points.some(({ queue, tasksWaiting }) => queue + tasksWaiting > 0) && (
            <div className="activity-charts">
              <section aria-label="Queue of changes">
                <h3>Changes that waited at once, at most (now {report.data.now.writesWaiting.toLocaleString('en')})</h3>
                <TimeBars
                  label="Changes waiting"
                  step={report.data.step}
                  text={(count) => count.toLocaleString('en')}
                  pieces={report.data.points.map(({ from, queue }) => ({ from, parts: [{ kind: 'ok', value: queue }] }))}
                />
              </section>
              <section aria-label="Queue of the agent">
                <h3>Tasks of the agent that waited, at most (now {report.data.now.waiting.toLocaleString('en')})</h3>
                <TimeBars
                  label="Tasks waiting"
                  step={report.data.step}
                  text={(count) => count.toLocaleString('en')}
                  pieces={report.data.points.map(({ from, tasksWaiting }) => ({
                    from,
                    parts: [{ kind: 'ok', value: tasksWaiting }],
                  }))}
                />
              </section>
            </div>
          )}
          <AssistantFigures report={report.data} now={report.data.now} nameOf={nameOf} />
          <Parts />
        </>
      )}
    </Stack>
  );
}
