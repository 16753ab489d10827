import { Alert, Button, CopyButton, Group, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useEffect } from 'react';
import type { ShownExtension } from '../../api/index.ts';
import { messageOf } from '../connection.ts';
import { compare, settle, type Editing } from './editing.ts';
import { FieldList } from './field-editor.tsx';
import { CheckState, Findings } from './findings.tsx';
import { fromSchema, isComplete, placeOf, suggestUrn, toSchema, type SectionForm } from './section-form.ts';
import { useCheck } from './use-check.ts';
import { useSaveSection } from './use-sections.ts';

interface Props {
  tenant: string;
  editing: Editing;
  /** What the directory has of it now; undefined where it is not there. */
  current: ShownExtension | undefined;
  onEdit: (editing: Editing) => void;
  onDone: () => void;
  onOpen: (id: string) => void;
}

/** Makes or changes a section of extra fields. What stands against it is shown while it is made. */
export function SectionEditor({ tenant, editing, current, onEdit, onDone, onOpen }: Props) {
  const { type, base, form } = editing;
  const elsewhere = compare(tenant, editing, current);
  useEffect(() => {
    if (elsewhere.kind === 'merged') onEdit(elsewhere.editing);
  }, [elsewhere, onEdit]);
  const complete = isComplete(form);
  const schema = toSchema(form, tenant, type);
  const checked = useCheck(tenant, type, complete ? schema : undefined);
  const save = useSaveSection(tenant);
  const issues = (checked.check?.issues ?? []).map(({ path, message }) => ({ ...placeOf(path), message }));
  const messageAt = (member: string) => issues.find((issue) => issue.field === undefined && issue.member === member)?.message;
  const set = (change: Partial<SectionForm>) => {
    save.reset();
    onEdit({ ...editing, form: { ...form, ...change } });
  };
  const known = new Set(base?.schema.attributes.map(({ name }) => name));
  const canSave = complete && !save.isPending && elsewhere.kind === 'same' && checked.check?.valid !== false;
  const people = type === 'User' ? 'people' : 'groups';
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (canSave) save.mutate({ type, base, schema }, { onSuccess: onDone });
      }}
    >
      <Stack gap="md">
        <Title order={3} size="h5">
          {base ? `Change “${base.schema.name}”` : `New section for ${people}`}
        </Title>
        {editing.note !== undefined && (
          <Text size="sm" role="status">
            {editing.note}
          </Text>
        )}
        {elsewhere.kind === 'conflict' && current && (
          <Alert color="orange" title="Another window has changed the same" role="alert">
            <Text size="sm">Both of you have changed: {elsewhere.labels.join(', ')}. What does not overlap is merged.</Text>
            <Group gap="xs" mt="xs">
              <Button size="compact-sm" onClick={() => onEdit(settle(tenant, editing, current, 'mine'))}>
                Keep mine
              </Button>
              <Button size="compact-sm" variant="default" onClick={() => onEdit(settle(tenant, editing, current, 'theirs'))}>
                Take theirs
              </Button>
            </Group>
          </Alert>
        )}
        {elsewhere.kind === 'removed' && (
          <Alert color="orange" title="This section was removed in another window" role="alert">
            <Group gap="xs">
              <Button size="compact-sm" onClick={() => onEdit({ ...editing, base: null })}>
                Make it again
              </Button>
              <Button size="compact-sm" variant="default" onClick={onDone}>
                Discard
              </Button>
            </Group>
          </Alert>
        )}
        <div className="extra-pair">
          <TextInput
            label="Section"
            description="The heading of its fields in the form."
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            required
            maxLength={100}
            autoComplete="off"
            data-autofocus
            autoFocus={!base}
            value={form.name}
            error={messageAt('name')}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
          <Textarea
            label="Description"
            description="Stands below the heading."
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            maxLength={500}
            autosize
            minRows={1}
            maxRows={4}
            value={form.description}
            onChange={(event) => set({ description: event.currentTarget.value })}
          />
        </div>
        <section aria-label="Fields">
          <FieldList
            fields={form.fields}
            addLabel="Add a field"
            ordinal={(place) => `Field ${place}`}
            isKnown={({ name }) => name !== undefined && known.has(name)}
            faultsOf={(index) => issues.filter(({ field }) => field === index)}
            onChange={(fields) => set({ fields })}
          />
        </section>
        <details className="extra-programs">
          <summary>For programs</summary>
          <TextInput
            size="xs"
            mt={4}
            label="Identifier (URN)"
            description={
              base
                ? 'It cannot be changed, since values are kept under it.'
                : 'It follows the name until you type one. It cannot be changed later.'
            }
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            readOnly={base !== null}
            maxLength={200}
            autoComplete="off"
            spellCheck={false}
            value={form.id ?? suggestUrn(tenant, type, form.name)}
            error={messageAt('id')}
            onChange={({ currentTarget: { value } }) => {
              const { id: _before, ...rest } = form;
              onEdit({ ...editing, form: value === '' ? rest : { ...rest, id: value } });
            }}
          />
          <Text size="xs" c="dimmed" mt={6}>
            To programs this is a SCIM schema extension. They read and write its attributes as people do (readWrite, returned by
            default), and values need not be unique.
          </Text>
          <CopyButton value={JSON.stringify(schema, null, 2)}>
            {({ copied, copy }) => (
              <Button variant="default" size="compact-xs" mt={6} onClick={copy}>
                {copied ? 'Copied' : 'Copy as JSON'}
              </Button>
            )}
          </CopyButton>
        </details>
        {complete && <Findings checked={checked} type={type} schemas={[schema, base?.schema]} onOpen={onOpen} />}
        {save.error && (
          <Alert color="red" title="Not saved" role="alert" py="xs">
            {messageOf(save.error)}
          </Alert>
        )}
        <Group gap="xs" className="extra-foot">
          <Button type="submit" disabled={!canSave} loading={save.isPending}>
            Save
          </Button>
          <Button variant="default" onClick={onDone}>
            Discard
          </Button>
          {base && (
            <Button
              variant="subtle"
              disabled={JSON.stringify(toSchema(form, tenant, type)) === JSON.stringify(base.schema)}
              onClick={() => onEdit({ type, base, form: fromSchema(base.schema) })}
            >
              Start again
            </Button>
          )}
          <div className="extra-state">
            {complete ? (
              <CheckState checked={checked} type={type} />
            ) : (
              <Text size="sm" c="dimmed">
                Give the section a name and each field a label.
              </Text>
            )}
          </div>
        </Group>
      </Stack>
    </form>
  );
}
