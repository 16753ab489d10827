import { Anchor, Code, Group, Loader, Paper, Text } from '@mantine/core';
import { IconCheck, IconQuestionMark, IconX } from '@tabler/icons-react';
import { memo } from 'react';
import type { ToolCall } from '../../api/index.ts';
import type { Opened } from '../navigation.ts';
import { wordsOf } from './tool-words.ts';

/** One call of a tool: what was asked, what came of it, and the versions before and after. */
export const ToolCard = memo(function ToolCard({ call, onOpen }: { call: ToolCall; onOpen: (to: Opened) => void }) {
  const { server, tool, state, versionBefore, versionAfter, attempts, durationMs } = call;
  const { title, sentence, record } = wordsOf(call);
  const changed = versionBefore !== undefined && versionAfter !== undefined && versionBefore !== versionAfter;
  return (
    <Paper withBorder radius="md" px="sm" py={6}>
      <Group gap={6} wrap="nowrap">
        {state === 'running' ? (
          <Loader size={14} role="img" aria-label="Running" />
        ) : state === 'succeeded' ? (
          <IconCheck size={16} aria-label="Succeeded" color="var(--tandem-focus)" />
        ) : state === 'interrupted' ? (
          <IconQuestionMark size={16} aria-label="Interrupted" className="warning-icon" />
        ) : (
          <IconX size={16} aria-label="Failed" color="var(--mantine-color-error)" />
        )}
        <Text size="sm" fw={600}>
          {title}
        </Text>
        {record && (
          <Anchor component="button" type="button" size="sm" ta="start" className="wraps" onClick={() => onOpen(record)}>
            {record.name}
          </Anchor>
        )}
        {record && (
          <Anchor
            component="button"
            type="button"
            size="xs"
            className="tool-history"
            aria-label={`History of ${record.name}`}
            onClick={() => onOpen({ kind: record.kind, id: record.id, part: 'history' })}
          >
            History
          </Anchor>
        )}
      </Group>
      <Text size="sm" c="dimmed" className="wraps">
        {state === 'interrupted' && sentence === undefined
          ? 'Tandem ended while this ran. Whether it was done is not known: look at the record before you ask again.'
          : sentence}
        {changed && (
          <>
            {' '}
            Version {versionBefore} → {versionAfter}.
          </>
        )}
      </Text>
      <details>
        <summary className="details-summary">
          {server === 'tandem' ? tool : `${server}: ${tool}`}
          {attempts > 1 && `, ${attempts} attempts`}
          {durationMs !== undefined && `, ${durationMs} ms`}
        </summary>
        <Code block fz={11} mah={240} className="details-code" tabIndex={0} role="region" aria-label="Arguments and result">
          {JSON.stringify({ arguments: call.arguments, result: call.result }, null, 2)}
        </Code>
      </details>
    </Paper>
  );
});
