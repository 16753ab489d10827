import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { momentText } from '../history/words.ts';

const hourMs = 3_600_000;
const presets: { label: string; ago: number }[] = [
  { label: 'An hour ago', ago: hourMs },
  { label: 'Yesterday at this time', ago: 24 * hourMs },
  { label: 'A week ago', ago: 7 * 24 * hourMs },
];

/** Asks for the moment as of which the directory is to be shown. */
export function MomentDialog({
  opened,
  onChoose,
  onClose,
}: {
  opened: boolean;
  onChoose: (moment: string) => void;
  onClose: () => void;
}) {
  const [typed, setTyped] = useState(() => toLocal(Date.now() - hourMs));
  const [error, setError] = useState<string>();
  const choose = (time: number) => {
    if (!Number.isFinite(time)) return setError('Choose a day and a time.');
    if (time > Date.now()) return setError('This moment has not come yet. Choose an earlier one.');
    setError(undefined);
    onClose();
    onChoose(new Date(time).toISOString());
  };
  return (
    <Modal opened={opened} onClose={onClose} title="See the directory as it was" centered>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          choose(Date.parse(typed));
        }}
      >
        <Stack gap="md">
          <Text size="sm">
            People and groups are shown as they were at a moment. You can look at everything; nothing can be changed there.
          </Text>
          <Group gap="xs">
            {presets.map(({ label, ago }) => (
              <Button key={label} variant="default" size="xs" onClick={() => choose(Date.now() - ago)}>
                {label}
              </Button>
            ))}
          </Group>
          <TextInput
            type="datetime-local"
            label="Day and time"
            step={1}
            value={typed}
            error={error}
            onChange={({ currentTarget: { value } }) => setTyped(value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit">Show</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** A time as the field has it: in this computer's time zone, to the second. */
function toLocal(time: number): string {
  const date = new Date(time - new Date(time).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 19);
}

/** The banner's words. */
export function bannerText(tenant: string, moment: string): string {
  return `You are looking at ${tenant} as of ${momentText(moment)}.`;
}
