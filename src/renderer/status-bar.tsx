import { Group, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { Liveness } from './live.ts';

const words: Record<Liveness, string> = {
  connecting: 'Connecting …',
  live: 'Live: changes by others appear at once',
  lost: 'Tandem does not answer. Your edits stay in this window, and it goes on by itself when Tandem is back.',
  ended:
    'Tandem was started again, so this window cannot save any more. Your edits stay here: open the new window, and this one goes on. Or put the address that “tandem open” prints into this tab.',
};

/** What the window can hear and say just now. It has its place at the lower edge, so that nothing moves when it changes. */
export function StatusBar({ live, mcpUrl }: { live: Liveness; mcpUrl: string }) {
  const broken = live === 'lost' || live === 'ended';
  return (
    <footer className="status-bar" data-broken={broken}>
      <Group gap={8} wrap="nowrap" role="status">
        {broken && <IconAlertTriangle size={16} aria-hidden className="warning-icon" />}
        <Text size={broken ? 'sm' : 'xs'} c={broken ? 'var(--mantine-color-text)' : 'dimmed'}>
          {words[live]}
        </Text>
      </Group>
      {!broken && (
        <Text size="xs" c="dimmed" className="wide-only">
          AI clients: {mcpUrl}
        </Text>
      )}
    </footer>
  );
}
