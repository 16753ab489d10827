import { TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { client, queryClient, trpc } from '../connection.ts';
import { NewForm } from './new-form.tsx';
import { idProblem, suggestId } from './tenant-id.ts';

interface Props {
  taken: ReadonlySet<string>;
  onAdded: (id: string) => void;
  onClose: () => void;
}

/** Adds a tenant. Its id is for addresses and programs, and stays; the name suggests one. */
export function NewTenant({ taken, onAdded, onClose }: Props) {
  const [name, setName] = useState('');
  const [typedId, setTypedId] = useState<string>();
  const id = typedId ?? suggestId(name, taken);
  const problem = id === '' && name === '' ? undefined : idProblem(id, taken);
  const create = useMutation({
    mutationFn: () => client.tenants.create.mutate({ id, name: name.trim() }),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.tenants.list.pathFilter());
      notifications.show({ message: `${name.trim()} is there now` });
      onAdded(id);
    },
  });
  const isComplete = name.trim() !== '' && problem === undefined;
  return (
    <NewForm title="New tenant" add={create} submit="Add" isComplete={isComplete} onClose={onClose}>
      <div className="fields">
        <TextInput
          label="Name"
          required
          maxLength={100}
          autoComplete="off"
          autoFocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="Id"
          description="For addresses and programs. It cannot be changed later."
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          required
          maxLength={63}
          autoComplete="off"
          spellCheck={false}
          value={id}
          error={problem}
          onChange={(event) => setTypedId(event.currentTarget.value)}
        />
      </div>
    </NewForm>
  );
}
