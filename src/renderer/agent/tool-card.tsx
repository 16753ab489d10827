import { Anchor, Code, Group, Loader, Paper, Text } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import type { ToolCall } from '../../api/index.ts';

const titles: Record<string, string> = {
  scim_create_user: 'Add a person',
  scim_get_user: 'Read a person',
  scim_update_user: 'Change a person',
  scim_delete_user: 'Delete a person',
  scim_list_users: 'List people',
  scim_search_users: 'Search people',
  scim_user_exists: 'Check a person',
};

/** One call of a tool: what was asked, what came of it, and the versions before and after. */
export function ToolCard({ call, onOpen }: { call: ToolCall; onOpen: (id: string) => void }) {
  const { tool, state, summary, user, versionBefore, versionAfter, attempts, durationMs } = call;
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
          {titles[tool] ?? tool}
        </Text>
        {user && (
          <Anchor component="button" type="button" size="sm" ta="start" className="wraps" onClick={() => onOpen(user.id)}>
            {user.name}
          </Anchor>
        )}
      </Group>
      <Text size="sm" c="dimmed" className="wraps">
        {summary}
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
