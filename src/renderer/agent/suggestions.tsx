import { Button, Stack, Text } from '@mantine/core';

interface Props {
  /** Who is open. */
  name: string | undefined;
  onAsk: (text: string) => void;
  /** An example that changes something is there to be read, and then sent. */
  onType: (text: string) => void;
}

/** What a conversation can begin with. */
export function Suggestions({ name, onAsk, onType }: Props) {
  const examples = [
    { text: 'How many people are there?', act: onAsk },
    { text: 'Find everyone in Sales', act: onAsk },
    { text: name === undefined ? 'Create Grace Hopper' : 'Set their title to Team Lead', act: onType },
    { text: 'Open a ticket: the printer is broken', act: onType },
  ];
  return (
    <div className="scroll" role="log" aria-live="off" aria-label="Conversation with the agent" tabIndex={0}>
      <Stack gap="xs" px="md" py="sm">
        <Text size="sm" c="dimmed">
          The agent edits the same people as you, through the same door as any AI client, and asks before it does what you did not
          ask for. Try:
        </Text>
        {examples.map(({ text, act }) => (
          <Button
            key={text}
            variant="default"
            size="compact-sm"
            justify="flex-start"
            className="suggestion"
            onClick={() => act(text)}
          >
            {text}
            {act === onType && ' …'}
          </Button>
        ))}
      </Stack>
    </div>
  );
}
