import { Alert, Button, Code, CopyButton, Group } from '@mantine/core';

/** The text of a key or a secret, which is never shown again. */
export function ShownOnce({ what = 'key', text, onDone }: { what?: 'key' | 'secret'; text: string; onDone: () => void }) {
  return (
    <Alert title={`Copy this ${what} now. It is not shown again.`} role="status" color="teal">
      <Code block style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
        {text}
      </Code>
      <Group mt="sm" gap="xs">
        <CopyButton value={text}>{({ copied, copy }) => <Button onClick={copy}>{copied ? 'Copied' : 'Copy'}</Button>}</CopyButton>
        <Button variant="default" onClick={onDone}>
          Done
        </Button>
      </Group>
    </Alert>
  );
}
