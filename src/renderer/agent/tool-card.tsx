import { Anchor, Code, Group, Loader, Paper, Text } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import type { ToolCall } from '../../api/index.ts';
import type { Opened } from '../navigation.ts';
import { wordsOf } from './tool-words.ts';

/** One call of a tool: what was asked, what came of it, and the versions before and after. */
export function ToolCard({ call, onOpen }: { call: ToolCall; onOpen: (to: Opened) => void }) {
  const { tool, state, versionBefore, versionAfter, attempts, durationMs } = call;
  const { title, sentence, record } = wordsOf(call);
  const changed = versionBefore !== undefined && versionAfter !== undefined && versionBefore !== versionAfter;
  return (
    <Paper withBorder radius="md" px="sm" py={6}>
      <Group gap={6} wrap="nowrap">
        {state === 'running' ? (
          <Loader size={14} aria-label="Running" />
        ) : state === 'succeeded' ? (
          <IconCheck size={16} aria-label="Succeeded" color="var(--tandem-focus)" />
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
      </Group>
      <Text size="sm" c="dimmed" className="wraps">
        {sentence}
        {changed && (
          <>
            {' '}
            Version {versionBefore} → {versionAfter}.
          </>
        )}
      </Text>
      <details>
        <summary style={{ fontSize: 12, cursor: 'pointer', minHeight: 24, lineHeight: '24px' }}>
          {tool}
          {attempts > 1 && `, ${attempts} attempts`}
          {durationMs !== undefined && `, ${durationMs} ms`}
        </summary>
        <Code block fz={11} mah={240} style={{ overflow: 'auto' }} tabIndex={0} role="region" aria-label="Arguments and result">
          {JSON.stringify({ arguments: call.arguments, result: call.result }, null, 2)}
        </Code>
      </details>
    </Paper>
  );
}
