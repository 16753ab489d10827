import { Checkbox, Fieldset, Stack, Text, TextInput } from '@mantine/core';
import { useSessionStorage } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import type { ShownEscalation } from '../../api/index.ts';
import { diff, merge, type FieldChange, type Resource } from '../../directory/pure.ts';
import { PersonForm } from '../editor/person-form.tsx';
import { focusFault, Refused, useRefusal } from '../editor/refused.tsx';
import { valueAt, withoutEmptyRows, withValue } from '../editor/values.ts';
import { memberChangesOf } from '../groups/member-changes.ts';
import { labelOf } from '../words.ts';
import type { Answer } from './use-decide.ts';

export type Edited = NonNullable<Answer['edited']>;

/** What a person makes of a proposal before they approve it. */
export interface Edit {
  isOpen: boolean;
  /** Absent where it cannot be edited. */
  start?: () => void;
  discard: () => void;
  /** What would be approved; absent where nothing is left of it. */
  edited: Edited | undefined;
  state: EditState | undefined;
  change: (state: EditState) => void;
}

type EditState =
  /** `base` is what was proposed when it was edited. */
  | { kind: 'record'; base: Resource; mine: Resource }
  /** Ids of those who shall not come or go after all. */
  | { kind: 'members'; left: string[] };

/** An edit outlives closing the question, and loading the window again. */
export function useEdit({ id, state, proposed }: ShownEscalation): Edit {
  const [stored, setStored, forget] = useSessionStorage<EditState | null>({
    key: `tandem.inbox.${id}`,
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  const how = howToEdit(proposed);
  const resource = proposed[0]?.resource;
  const begun = stored?.kind === how ? stored : null;
  // It would do something else by now: the edit goes on from there.
  useEffect(() => {
    if (begun?.kind !== 'record' || !resource || diff(begun.base, resource).length === 0) return;
    setStored({ kind: 'record', base: resource, mine: merge(begun.base, begun.mine, resource, () => 'mine').merged });
  }, [begun, resource, setStored]);
  useEffect(() => {
    if (state !== 'pending') forget();
  }, [state, forget]);
  return {
    isOpen: begun !== null,
    ...(how === 'record' && resource && { start: () => setStored({ kind: 'record', base: resource, mine: resource }) }),
    ...(how === 'members' && { start: () => setStored({ kind: 'members', left: [] }) }),
    discard: forget,
    edited: begun ? editedOf(begun, proposed[0]?.changes ?? []) : undefined,
    state: begun ?? undefined,
    change: setStored,
  };
}

/** A record for people, for groups their own fields or who comes and goes; not both at once, nor several, nor a deletion. */
function howToEdit([change, ...others]: ShownEscalation['proposed']): EditState['kind'] | undefined {
  if (!change?.resource || others.length > 0 || change.operation === 'delete') return undefined;
  if (change.type === 'User') return 'record';
  // There is no form of an AI client.
  if (change.type === 'Agent') return undefined;
  const { changes, changeCount } = change;
  const ofMembers = changes.filter(({ path }) => path.startsWith('members['));
  if (ofMembers.length === 0 && changes.every(({ path }) => path !== 'members')) return 'record';
  const isUpdate = change.operation === 'patch' || change.operation === 'replace';
  return isUpdate && ofMembers.length === changeCount ? 'members' : undefined;
}

function editedOf(state: EditState, changes: readonly FieldChange[]): Edited | undefined {
  if (state.kind === 'record') return { record: withoutEmptyRows(state.mine, state.base) };
  const { added, removed } = memberChangesOf({ changes: [...changes] });
  const isWanted = ({ value }: { value: string }) => !state.left.includes(value);
  const [add, remove] = [added, removed].map((list) => list.filter(isWanted).map(({ value }) => value));
  return add && remove && add.length + remove.length > 0 ? { add, remove } : undefined;
}

interface Props {
  escalation: ShownEscalation;
  edit: Edit;
  error: unknown;
  onReset: () => void;
}

/** The form of what is proposed; what differs from now is marked. */
export function EditProposal({ escalation, edit, error, onReset }: Props) {
  const { tenant, proposed } = escalation;
  const form = useRef<HTMLDivElement>(null);
  const refusal = useRefusal({ error: error ?? null, reset: onReset });
  useEffect(() => {
    if (error) focusFault(form.current);
  }, [error]);
  useEffect(() => {
    const first = (within: string) => form.current?.querySelector<HTMLElement>(`${within} input`);
    (first('.flash') ?? first(''))?.focus();
  }, []);
  const [change] = proposed;
  const { state } = edit;
  if (!state || !change) return null;
  if (state.kind === 'members')
    return (
      <div ref={form}>
        <ChooseMembers changes={change.changes} left={state.left} onChange={(left) => edit.change({ kind: 'members', left })} />
      </div>
    );
  const { base, mine } = state;
  const onEdit = (resource: Resource, path: string) => {
    refusal.edited(path);
    edit.change({ kind: 'record', base, mine: resource });
  };
  const marked = [...change.changes, ...diff(base, mine)].map(({ path }) => path);
  return (
    <div ref={form} className="inbox-edit">
      <Text size="sm" mb="md">
        This is what is asked for. Change it as it should be; marked is what differs from now.
      </Text>
      {refusal.error !== undefined && <Refused title="Not approved" error={refusal.error} errors={refusal.errors} />}
      {change.type === 'User' ? (
        <PersonForm
          tenant={tenant}
          resource={mine}
          onEdit={onEdit}
          errors={refusal.errors}
          flashed={marked}
          flash={0}
          readOnly={false}
        />
      ) : (
        <Stack gap="sm" maw={400}>
          {['displayName', 'externalId'].map((name) => {
            const value = valueAt(mine, [name]);
            return (
              <TextInput
                key={name}
                label={name === 'displayName' ? 'Name' : labelOf(name)}
                autoComplete="off"
                value={typeof value === 'string' ? value : ''}
                error={refusal.errors.get(name)}
                onChange={({ currentTarget }) => onEdit(withGroupValue(mine, name, currentTarget.value), name)}
              />
            );
          })}
        </Stack>
      )}
    </div>
  );
}

function withGroupValue(group: Resource, name: string, value: string): Resource {
  return { ...withValue(group, [name], value), schemas: group.schemas };
}

function ChooseMembers(props: { changes: readonly FieldChange[]; left: readonly string[]; onChange: (left: string[]) => void }) {
  const { changes, left, onChange } = props;
  const { added, removed } = memberChangesOf({ changes: [...changes] });
  const list = (legend: string, members: readonly { value: string; display: string }[]) =>
    members.length > 0 && (
      <Fieldset legend={legend} variant="unstyled">
        <Stack gap="xs">
          {members.map(({ value, display }) => (
            <Checkbox
              key={value}
              label={display || 'Somebody who is not here any more'}
              checked={!left.includes(value)}
              onChange={({ currentTarget: { checked } }) =>
                onChange(checked ? left.filter((id) => id !== value) : [...left, value])
              }
            />
          ))}
        </Stack>
      </Fieldset>
    );
  return (
    <Stack gap="md">
      {list('Who comes into the group', added)}
      {list('Who leaves the group', removed)}
    </Stack>
  );
}
