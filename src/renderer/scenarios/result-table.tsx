import { Alert, List, Table, Text } from '@mantine/core';
import { IconAlertTriangle, IconShieldCheck } from '@tabler/icons-react';
import type { FiguresRow, ScenarioResult } from '../../api/index.ts';
import { labelOf } from '../words.ts';
import { secondsText } from './times.ts';

/** What came of a run: of each way, and of all. */
export function ResultTable({ result }: { result: ScenarioResult }) {
  const { rows, lost, ...all } = result;
  const shown: FiguresRow[] = rows.length > 1 ? [...rows, { ...all, name: 'All' }] : [{ ...all, name: rows[0]?.name ?? 'All' }];
  return (
    <section aria-label="Result" className="scenario-result">
      {all.lostUpdates === 0 ? (
        <Alert color="teal" icon={<IconShieldCheck aria-hidden />} title="No update was lost">
          All {all.acknowledged} acknowledged changes are in the directory, or somebody overwrote them knowingly. Read back from
          the directory at the end.
        </Alert>
      ) : (
        <Alert
          color="red"
          icon={<IconAlertTriangle aria-hidden />}
          title={all.lostUpdates === 1 ? 'One update was lost' : `${all.lostUpdates} updates were lost`}
        >
          <List size="sm">
            {lost.slice(0, 20).map(({ resource, field, by, overwrittenBy }) => (
              <List.Item key={`${resource.id} ${field} ${by}`}>
                {labelOf(field)} of {resource.name}, as {by} had set it
                {overwrittenBy !== undefined && `; ${overwrittenBy} wrote over it without knowing`}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      <div className="scenario-scroll" tabIndex={0} role="group" aria-label="Result table">
        <Table withRowBorders={false} striped className="scenario-table">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Part</Table.Th>
              <Table.Th scope="col">Attempts</Table.Th>
              <Table.Th scope="col">Conflicts</Table.Th>
              <Table.Th scope="col">Retries per success</Table.Th>
              <Table.Th scope="col">Lost updates</Table.Th>
              <Table.Th scope="col">Time</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map(({ name, attempts, conflicts, retriesPerSuccess, lostUpdates, ms }, index) => (
              <Table.Tr key={name} data-total={index === shown.length - 1 && shown.length > 1}>
                <Table.Th scope="row">{name}</Table.Th>
                <Table.Td>{attempts}</Table.Td>
                <Table.Td>{conflicts}</Table.Td>
                <Table.Td>{retriesPerSuccess.toFixed(2)}</Table.Td>
                <Table.Td>{lostUpdates}</Table.Td>
                <Table.Td>{secondsText(ms)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      <Text size="xs" c="dimmed">
        Attempts are all changes that were sent; retries those after the first, also of what was given up in the end.
      </Text>
    </section>
  );
}
