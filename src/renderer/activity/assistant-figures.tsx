import { Text } from '@mantine/core';
import type { ActivityReport, Now, ModelRow, TaskRow } from '../../api/index.ts';
import { FigureTable } from './figure-table.tsx';
import { TimeBars } from './time-bars.tsx';
import { costText, countText, shortCount, taskNames, timeText } from './words.ts';

interface Props {
  report: ActivityReport;
  now: Now;
  /** What a tenant is called now. */
  nameOf: (tenant: string) => string;
}

/** What Tandem's own agent has done, for whom, and with which models; what waits for it, and how much its conversations hold. */
export function AssistantFigures({ report, now, nameOf }: Props) {
  const { tasks, models, clients, tenants } = report.assistant;
  const { waiting, running, waitingForAnswer, contexts, nodes, characters } = now;
  return (
    <section aria-label="Agent" className="activity-box activity-agent">
      <h3>Agent</h3>
      <Text size="sm" c="dimmed">
        Now: {running} running{waitingForAnswer > 0 && `, of which ${waitingForAnswer} wait for a person`}, {waiting} waiting.{' '}
        {contexts.toLocaleString('en')} {contexts === 1 ? 'conversation holds' : 'conversations hold'}{' '}
        {nodes.toLocaleString('en')} pieces and {characters.toLocaleString('en')} characters.
      </Text>
      {tasks.length === 0 ? (
        <Text size="sm">It did nothing in this time.</Text>
      ) : (
        <FigureTable
          of="Task"
          rows={tasks.map((row) => ({ ...row, name: taskNames[row.id] ?? row.id }))}
          columns={[
            { name: 'Done', text: ({ completed }) => completed.toLocaleString('en') },
            ...taskTimes,
            { name: 'Longest 5 % waited', text: ({ waitP95 }) => timeText(waitP95) },
            { name: 'Tried again', text: ({ retried }) => countText(retried) },
            failedTasks,
            { name: 'Stopped', text: ({ cancelled }) => countText(cancelled) },
          ]}
        />
      )}
      {models.length > 0 && (
        <FigureTable
          of="Model"
          rows={models.map((row) => ({ ...row, name: row.id }))}
          columns={[
            { name: 'Answers', text: ({ calls }) => calls.toLocaleString('en') },
            { name: 'Usual time', text: ({ p50 }) => timeText(p50) },
            { name: 'Slowest 5 %', text: ({ p95 }) => timeText(p95) },
            ...tokens,
            { name: 'Cost', text: ({ cost }: ModelRow) => costText(cost) },
            { name: 'Failed', text: ({ failed }) => countText(failed), isBad: ({ failed }) => failed > 0 },
          ]}
        />
      )}
      {clients.length > 0 && (
        <OwnerTable
          of="For"
          rows={clients.map((row) => ({ ...row, ...(row.tenant !== undefined && { sub: nameOf(row.tenant) }) }))}
        />
      )}
      {tenants.length > 1 && <OwnerTable of="Tenant" rows={tenants.map((row) => ({ ...row, name: nameOf(row.id) }))} />}
      {report.points.some(({ characters }) => characters > 0) && (
        <div>
          <h3>What the conversations held, in characters</h3>
          <TimeBars
            label="Characters"
            step={report.step}
            text={shortCount}
            pieces={report.points.map(({ from, characters }) => ({ from, parts: [{ kind: 'ok', value: characters }] }))}
          />
        </div>
      )}
    </section>
  );
}

function OwnerTable({ of, rows }: { of: string; rows: readonly (TaskRow & { sub?: string })[] }) {
  return (
    <FigureTable
      of={of}
      rows={rows}
      columns={[
        { name: 'Tasks done', text: ({ completed }) => completed.toLocaleString('en') },
        ...taskTimes,
        ...tokens,
        { name: 'Tried again', text: ({ retried }) => countText(retried) },
        failedTasks,
      ]}
    />
  );
}

const taskTimes = [
  { name: 'Usual time', text: ({ p50 }: TaskRow) => timeText(p50) },
  { name: 'Slowest 5 %', text: ({ p95 }: TaskRow) => timeText(p95) },
];

const failedTasks = {
  name: 'Failed',
  text: ({ failed }: TaskRow) => countText(failed),
  isBad: ({ failed }: TaskRow) => failed > 0,
};

const tokens = [
  { name: 'Tokens read', text: ({ inputTokens }: Pick<TaskRow, 'inputTokens'>) => countText(inputTokens) },
  { name: 'Tokens written', text: ({ outputTokens }: Pick<TaskRow, 'outputTokens'>) => countText(outputTokens) },
];
