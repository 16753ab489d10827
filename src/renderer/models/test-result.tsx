import { Group, Loader, Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import type { ConnectionTest } from '../../api/index.ts';
import { messageOf } from '../connection.ts';

interface Props {
  test: { isPending: boolean; data: ConnectionTest | undefined; error: unknown };
}

/** What a test of a connection has shown, in words. */
export function TestResult({ test: { isPending, data, error } }: Props) {
  return (
    <div role="status" aria-label="Test of the connection">
      {isPending ? (
        <Group gap={8}>
          <Loader size={14} aria-hidden />
          <Text size="sm">Connecting …</Text>
        </Group>
      ) : error ? (
        <Text size="sm" c="var(--mantine-color-error)">
          {messageOf(error)}
        </Text>
      ) : (
        data && (
          <Group gap={8} wrap="nowrap" align="flex-start">
            {data.ok ? (
              <IconCheck size={18} aria-hidden color="var(--tandem-focus)" />
            ) : (
              <IconAlertTriangle size={18} aria-hidden className="warning-icon" />
            )}
            <Text size="sm" className="wraps">
              {data.says}
            </Text>
          </Group>
        )
      )}
    </div>
  );
}
