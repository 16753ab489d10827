import { Alert, Button, Group, Stack, Text, Title, Tooltip } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useEffect } from 'react';
import { userUrn, type Resource } from '../../directory/pure.ts';
import { messageOf, refusalOf } from '../connection.ts';
import { draftKey, drafts, useDraft } from './drafts.ts';
import { PersonForm } from './person-form.tsx';
import { useCreate } from './use-save.tsx';

const empty: Resource = { schemas: [userUrn], id: '' };

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
  useEffect(() => {
    const author = { id: 'administrator', name: 'Administrator', kind: 'person', door: 'window' } as const;
    if (!drafts.get(key)) drafts.open(key, { resource: empty, version: '', revision: 0, author, at: new Date().toISOString() });
  }, [key]);
  const save = () => {
    const record = drafts.get(key)?.mine;
    if (record && !create.isPending) create.mutate(record, { onSuccess: onCreated });
  };
  useHotkeys([['mod+S', save]], []);
  if (!draft) return null;
  return (
    <>
      <Group justify="space-between" px="lg" py="md">
        <div>
          <Title order={2} size="h3">
            New person
          </Title>
          <Text size="sm" c="dimmed">
            A user name is all that is needed.
          </Text>
        </div>
        <Group gap={6}>
          <Button
            variant="default"
            onClick={() => {
              drafts.drop(key);
              onClose();
            }}
          >
            Cancel
          </Button>
          <Tooltip label="Ctrl S">
            <Button loading={create.isPending} onClick={save}>
              Add
            </Button>
          </Tooltip>
        </Group>
      </Group>
      <Stack className="scroll" px="lg" pb="lg">
        {create.error && (
          <Alert color="red" title="Not added" role="alert">
            {messageOf(create.error)}
          </Alert>
        )}
        <PersonForm
          tenant={tenant}
          resource={draft.mine}
          onEdit={(mine, path) => drafts.dispatch(key, { type: 'edit', mine, path })}
          errors={new Map((refusalOf(create.error)?.issues ?? []).map(({ path, message }) => [path, message]))}
          flashed={[]}
          flash={0}
          readOnly={false}
        />
      </Stack>
    </>
  );
}
