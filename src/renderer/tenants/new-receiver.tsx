import { PasswordInput, Radio, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../connection.ts';
import { NewForm } from './new-form.tsx';

interface Props {
  tenant: string;
  taken: ReadonlySet<string>;
  onAdded: (name: string) => Promise<void>;
  onClose: () => void;
}

/** Adds a program that is told of changes from now on. */
export function NewReceiver({ tenant, taken, onAdded, onClose }: Props) {
  const [name, setName] = useState('');
  const [method, setMethod] = useState('poll');
  const [form, setForm] = useState('notice');
  const [url, setUrl] = useState('');
  const [authorization, setAuthorization] = useState('');
  const [audience, setAudience] = useState('');
  const isPush = method === 'push';
  const add = useMutation({
    mutationFn: () =>
      client.eventStreams.add.mutate({
        tenant,
        name,
        form: form === 'full' ? 'full' : 'notice',
        ...(audience.trim() !== '' && { audience }),
        ...(isPush && { url: url.trim(), ...(authorization !== '' && { authorization }) }),
      }),
    onSuccess: () => onAdded(name),
  });
  const problem = name === '' ? undefined : nameProblem(name, taken);
  const isComplete = name !== '' && problem === undefined && (!isPush || url.trim() !== '');
  return (
    <NewForm title="New receiver" add={add} submit="Add the receiver" isComplete={isComplete} onClose={onClose}>
      <div className="fields">
        <TextInput
          label="Name of the receiver"
          description="Part of its address. Such as payroll."
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          required
          maxLength={63}
          autoComplete="off"
          spellCheck={false}
          autoFocus
          value={name}
          error={problem}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="Audience"
          description="Whom the events say they are for. Its name, if empty."
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          maxLength={500}
          autoComplete="off"
          spellCheck={false}
          value={audience}
          onChange={(event) => setAudience(event.currentTarget.value)}
        />
      </div>
      <Radio.Group label="How it gets events" value={method} onChange={setMethod}>
        <Stack gap={6} mt={6}>
          <Radio value="poll" label="It fetches them here, with an access key" />
          <Radio value="push" label="They are sent to its address" />
        </Stack>
      </Radio.Group>
      {isPush && (
        <div className="fields">
          <TextInput
            label="Address"
            placeholder="https://"
            required
            type="url"
            autoComplete="off"
            spellCheck={false}
            value={url}
            onChange={(event) => setUrl(event.currentTarget.value)}
          />
          <PasswordInput
            label="Authorization value"
            description="If it asks for one, such as Bearer and a token. Kept encrypted."
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            autoComplete="off"
            value={authorization}
            onChange={(event) => setAuthorization(event.currentTarget.value)}
          />
        </div>
      )}
      <Radio.Group label="What an event carries" value={form} onChange={setForm}>
        <Stack gap={6} mt={6}>
          <Radio value="notice" label="The names of the fields that changed" />
          <Radio value="full" label="Their new values too, never passwords" />
        </Stack>
      </Radio.Group>
    </NewForm>
  );
}

function nameProblem(name: string, taken: ReadonlySet<string>): string | undefined {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) return 'Only lower-case letters, digits and hyphens; a letter or digit comes first.';
  return taken.has(name) ? 'There is a receiver with this name already.' : undefined;
}
