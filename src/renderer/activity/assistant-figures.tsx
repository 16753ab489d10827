import { Text } from '@mantine/core';
import type { TaskFigures } from '../../api/index.ts';
import { taskNames, timeText } from './words.ts';

/** What Tandem's own agent has done since Tandem was started, and how much its conversations hold. */
export function AssistantFigures({ figures }: { figures: TaskFigures }) {
  const { rows, waiting, running, contexts, nodes, characters } = figures;
  const done = rows.filter(({ completed, failed, cancelled }) => completed + failed + cancelled > 0);
  return (
    <section aria-label="Agent" className="activity-box">
      <h3>Agent, since the start</h3>
      <Text size="sm" c="dimmed" mb="xs">
        {running} running, {waiting} waiting. {contexts.toLocaleString('en')} {contexts === 1 ? 'conversation' : 'conversations'}{' '}
        with {nodes.toLocaleString('en')} pieces and {characters.toLocaleString('en')} characters.
      </Text>
      {done.length === 0 ? (
        <Text size="sm">It has done nothing yet.</Text>
      ) : (
        <table className="activity-table">
          <thead>
            <tr>
              {['Task', 'Done', 'Failed', 'Stopped', 'Took', 'Waited'].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {done.map(({ type, completed, failed, cancelled, runMs, waitMs }) => (
              <tr key={type}>
                <th scope="row">{taskNames[type] ?? type}</th>
                <td data-label="Done">{completed.toLocaleString('en')}</td>
                <td data-label="Failed" data-bad={failed > 0}>
                  {failed === 0 ? '–' : failed.toLocaleString('en')}
                </td>
                <td data-label="Stopped">{cancelled === 0 ? '–' : cancelled.toLocaleString('en')}</td>
                <td data-label="Took">{timeText(runMs)}</td>
                <td data-label="Waited">{timeText(waitMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
