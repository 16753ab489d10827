import { Button, Group, Text, Title, Tooltip } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { keysText } from '../commands.ts';
import { draftKey, drafts, useDraft } from './drafts.ts';
import { PersonForm } from './person-form.tsx';
import { focusFault, Refused, useRefusal } from './refused.tsx';
import { nobody, self, useCreate } from './use-save.tsx';

/** The form of a person who is not in the directory yet. */
export function NewPerson({
  tenant,
  onCreated,
  onClose,
}: {
  tenant: string;
  onCreated: (id: string) => void;
  onClose: () => void;
}) {
  const key = draftKey(tenant, 'new');
  const draft = useDraft(key);
  const create = useCreate(tenant);
  const refusal = useRefusal(create);
  const form = useRef<HTMLDivElement>(null);
  const isOpen = draft !== undefined;
  useEffect(() => {
    if (!drafts.get(key))
      drafts.open(key, { resource: nobody, version: '', revision: 0, author: self, at: new Date().toISOString() });
  }, [key]);
  useEffect(() => {
    if (isOpen) form.current?.querySelector('input')?.focus();
  }, [isOpen]);
  const save = () => {
    const record = drafts.get(key)?.mine;
    if (!record || create.isPending) return;
    create.mutate(record, { onSuccess: onCreated, onError: () => focusFault(form.current) });
  };
  useHotkeys([['mod+S', save]], []);
  if (!draft) return null;
  return (
    <>
      <div className="person-head">
        <Title order={2} size="h3" className="person-name">
          New person
        </Title>
        <Group gap={6} className="person-actions">
          <Button
            variant="default"
            onClick={() => {
              drafts.drop(key);
              onClose();
            }}
          >
            Cancel
          </Button>
          <Tooltip label={keysText('mod+S')}>
            <Button loading={create.isPending} onClick={save}>
              Add
            </Button>
          </Tooltip>
        </Group>
        <Text size="sm" c="dimmed" className="last-change">
          A user name is all that is needed: the name with which they sign in, often an email address.
        </Text>
      </div>
      <div className="notices">
        {refusal.error !== undefined && <Refused title="Not added" error={refusal.error} errors={refusal.errors} />}
      </div>
      <div className="scroll new-person" ref={form}>
        <PersonForm
          tenant={tenant}
          resource={draft.mine}
          onEdit={(mine, path) => {
            refusal.edited(path);
            drafts.dispatch(key, { type: 'edit', mine, path });
          }}
          errors={refusal.errors}
          flashed={[]}
          flash={0}
          readOnly={false}
        />
      </div>
    </>
  );
}
