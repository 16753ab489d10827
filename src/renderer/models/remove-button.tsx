import { Button, Group, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { messageOf } from '../connection.ts';

interface Props {
  /** What the button says, for example "Remove". */
  label: string;
  /** What it is about, for who only hears it. */
  name: string;
  /** What is lost, asked before it is done. */
  question: string;
  onRemove: () => Promise<unknown>;
}

/** Removes something after a second click, in the same place. */
export function RemoveButton({ label, name, question, onRemove }: Props) {
  const [isAsking, setAsking] = useState(false);
  const remove = useMutation({ mutationFn: onRemove });
  if (!isAsking)
    return (
      <Button variant="default" size="compact-sm" aria-label={`${label}: ${name}`} onClick={() => setAsking(true)}>
        {label}
      </Button>
    );
  return (
    <Group gap="xs" role="group" aria-label={question}>
      <Text size="sm">{remove.error ? messageOf(remove.error) : question}</Text>
      <Button color="red.9" size="compact-sm" loading={remove.isPending} onClick={() => remove.mutate()}>
        {label}
      </Button>
      <Button variant="default" size="compact-sm" autoFocus onClick={() => setAsking(false)}>
        Keep
      </Button>
    </Group>
  );
}
