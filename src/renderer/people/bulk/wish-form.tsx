import { ActionIcon, Button, Group, Select, Stack, Text } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { optionsOf, type Field } from '../fields.ts';
import { ValueInput } from '../value-input.tsx';
import { draftFor, kindsOf, wishOf, type WishDraft } from './wish-draft.ts';
import type { Wish } from './wish.ts';

interface Props {
  tenant: string;
  fields: readonly Field[];
  count: number;
  /** What was chosen before, when the administrator comes back from the preview. */
  drafts: readonly WishDraft[];
  onDrafts: (drafts: readonly WishDraft[]) => void;
  onPreview: (wishes: Wish[]) => void;
  onClose: () => void;
}

/** The choice of what changes: fields, and what becomes of each. */
export function WishForm({ tenant, fields, count, drafts, onDrafts, onPreview, onClose }: Props) {
  const [tried, setTried] = useState(false);
  const free = fields.filter(({ path }) => drafts.every((draft) => draft.path !== path));
  const wishes = drafts.map((draft) => wishOf(draft, fields));
  const complete = wishes.filter((wish) => wish !== undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (complete.length === drafts.length && drafts.length > 0) onPreview(complete);
    else setTried(true);
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Stack gap={8}>
          {drafts.map((draft, index) => (
            <WishRow
              key={draft.path}
              tenant={tenant}
              fields={fields}
              draft={draft}
              place={index + 1}
              onChange={(changed) => onDrafts(drafts.with(index, changed))}
              onRemove={drafts.length > 1 ? () => onDrafts(drafts.toSpliced(index, 1)) : undefined}
            />
          ))}
        </Stack>
        <div>
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<IconPlus size={14} aria-hidden />}
            disabled={free.length === 0}
            onClick={() => free[0] && onDrafts([...drafts, draftFor(free[0])])}
          >
            Change another field
          </Button>
        </div>
        {tried && complete.length < drafts.length && (
          <Text size="sm" c="red" role="alert">
            Enter a value for each field, or choose “Clear”.
          </Text>
        )}
        <Group justify="end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit">Preview for {count === 1 ? '1 person' : `${count.toLocaleString('en')} people`}</Button>
        </Group>
      </Stack>
    </form>
  );
}

interface RowProps {
  tenant: string;
  fields: readonly Field[];
  draft: WishDraft;
  place: number;
  onChange: (draft: WishDraft) => void;
  onRemove: (() => void) | undefined;
}

function WishRow({ tenant, fields, draft, place, onChange, onRemove }: RowProps) {
  const field = fields.find(({ path }) => path === draft.path);
  if (!field) return undefined;
  const types = field.list?.types ?? [];
  return (
    <div className="people-condition" role="group" aria-label={`Change ${place}`}>
      <Select
        aria-label={`Field, change ${place}`}
        data={optionsOf(fields)}
        value={field.path}
        searchable
        allowDeselect={false}
        nothingFoundMessage="No field has this name"
        onChange={(path) => {
          const chosen = fields.find((each) => each.path === path);
          if (chosen) onChange(draftFor(chosen));
        }}
      />
      <Select
        aria-label={`What happens, change ${place}`}
        data={kindsOf(field)}
        value={draft.kind}
        allowDeselect={false}
        onChange={(kind) => kind !== null && onChange({ ...draft, kind })}
      />
      {draft.kind === 'clear' ? (
        <div />
      ) : (
        <div className={draft.kind === 'add' && types.length > 0 ? 'people-values' : undefined}>
          <ValueInput
            tenant={tenant}
            field={field}
            ariaLabel={`Value, change ${place}`}
            value={draft.value}
            onChange={(value) => onChange({ ...draft, value })}
          />
          {draft.kind === 'add' && types.length > 0 && (
            <Select
              aria-label={`Kind, change ${place}`}
              data={[...types]}
              value={draft.type}
              allowDeselect={false}
              onChange={(type) => onChange({ ...draft, type: type ?? '' })}
            />
          )}
        </div>
      )}
      {onRemove ? (
        <ActionIcon variant="subtle" color="gray" size={36} aria-label={`Remove change ${place}`} onClick={onRemove}>
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      ) : (
        <div />
      )}
    </div>
  );
}
