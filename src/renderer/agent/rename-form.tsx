import { TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useRef, useState } from 'react';
import type { Context } from '../../api/index.ts';
import { client, messageOf } from '../connection.ts';

const titleMax = 200;

/** The title of a conversation, to be changed. Enter keeps it, Escape leaves it as it was. */
export function RenameForm({ tenant, context, onDone }: { tenant: string; context: Context; onDone: () => void }) {
  const [title, setTitle] = useState(context.title);
  const isDone = useRef(false);
  const keep = (next: string) => {
    if (isDone.current) return;
    isDone.current = true;
    const wanted = next.trim();
    if (wanted !== '' && wanted !== context.title)
      client.assistant.rename
        .mutate({ tenant, id: context.id, title: wanted })
        .catch((error: unknown) => notifications.show({ color: 'red', message: messageOf(error) }));
    onDone();
  };
  return (
    <TextInput
      flex={1}
      size="xs"
      aria-label="Title of the conversation"
      maxLength={titleMax}
      autoFocus
      value={title}
      onFocus={({ currentTarget }) => currentTarget.select()}
      onChange={({ currentTarget }) => setTitle(currentTarget.value)}
      onBlur={() => keep(title)}
      onKeyDown={({ key, nativeEvent }) => {
        if (nativeEvent.isComposing) return;
        if (key === 'Enter') keep(title);
        if (key === 'Escape') keep(context.title);
      }}
    />
  );
}
