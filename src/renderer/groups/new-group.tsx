import { Button, Group, Text, TextInput, Title } from '@mantine/core';
import { useMemo, useState } from 'react';
import { groupUrn, type Resource } from '../../directory/pure.ts';
import { ownSections } from '../editor/form-sections.ts';
import { Refused, useRefusal } from '../editor/refused.tsx';
import { SchemaForm } from '../editor/schema-form.tsx';
import { useSchemas } from '../use-schemas.ts';
import { useCreateGroup } from './use-group.ts';

/** A group begins with a name; its members come next. */
export function NewGroup(props: { tenant: string; onCreated: (id: string) => void; onClose: () => void }) {
  const { tenant, onCreated, onClose } = props;
  const [name, setName] = useState('');
  const [record, setRecord] = useState<Resource>({ schemas: [groupUrn], id: '' });
  const { Group: schemas } = useSchemas(tenant);
  /** What the tenant's own fields require; the others can wait. */
  const sections = useMemo(
    () =>
      ownSections(schemas)
        .map((section) => ({ ...section, fields: section.fields.filter(({ attribute }) => attribute.required) }))
        .filter(({ fields }) => fields.length > 0),
    [schemas],
  );
  const create = useCreateGroup(tenant);
  const refusal = useRefusal(create);
  return (
    <form
      className="new-group"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== '' && !create.isPending)
          create.mutate({ ...record, displayName: name.trim() }, { onSuccess: onCreated });
      }}
    >
      <div>
        <Title order={2} size="h3">
          New group
        </Title>
        <Text size="sm" c="dimmed">
          {sections.length === 0
            ? 'A name is all that is needed; then you can add members.'
            : 'Its name and what is required come first; then you can add members.'}
        </Text>
      </div>
      {refusal.error !== undefined && <Refused title="Not added" error={refusal.error} errors={refusal.errors} />}
      <TextInput
        label="Name"
        required
        maw={420}
        autoComplete="off"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        // The form was opened to write into it.
        autoFocus
      />
      {sections.length > 0 && (
        <SchemaForm
          tenant={tenant}
          sections={sections}
          resource={record}
          onEdit={(next, path) => {
            refusal.edited(path);
            setRecord(next);
          }}
          errors={refusal.errors}
          flashed={[]}
          flash={0}
          readOnly={false}
        />
      )}
      <Group gap={6}>
        <Button type="submit" loading={create.isPending} disabled={name.trim() === ''}>
          Add
        </Button>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
      </Group>
    </form>
  );
}
