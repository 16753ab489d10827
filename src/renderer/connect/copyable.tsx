import { Button, Code, CopyButton, Group, Text } from '@mantine/core';

interface Props {
  /** What it is for. */
  label: string;
  text: string;
  onCopied?: () => void;
}

/** Something to copy, with what it is for above it. */
export function Copyable(props: Props) {
  return (
    <div>
      <Group justify="space-between" mb={4} gap="xs" wrap="nowrap">
        <Text size="xs" c="dimmed">
          {props.label}
        </Text>
        <Copy {...props} />
      </Group>
      <Code block className="connect-code">
        {props.text}
      </Code>
    </div>
  );
}

/** Something short to copy. */
export function CopyableLine(props: Props) {
  return (
    <div className="connect-line">
      <Code className="connect-code">{props.text}</Code>
      <Copy {...props} />
    </div>
  );
}

function Copy({ label, text, onCopied }: Props) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Button
          variant="default"
          size="compact-xs"
          aria-label={`Copy: ${label}`}
          onClick={() => {
            copy();
            onCopied?.();
          }}
        >
          {copied ? 'Copied' : 'Copy'}
        </Button>
      )}
    </CopyButton>
  );
}
