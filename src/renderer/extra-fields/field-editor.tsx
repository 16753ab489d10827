import { ActionIcon, Button, NativeSelect, Stack, Switch, TagsInput, Text, TextInput } from '@mantine/core';
import { IconChevronDown, IconChevronRight, IconChevronUp, IconPlus, IconTrash } from '@tabler/icons-react';
import { useId, useState } from 'react';
import type { Attribute } from '../../directory/pure.ts';
import { typeWords } from './kinds.ts';
import { nameOfField, newField, type FieldForm, type Place } from './section-form.ts';

/** What is wrong, and where in a field. */
export type Faults = readonly (Place & { message: string })[];

interface Props {
  field: FieldForm;
  /** “Field 2”, or “Part 1 of Parking”. */
  ordinal: string;
  isPart: boolean;
  /** Whether values may be kept under its name already. */
  isKnown: boolean;
  faults: Faults;
  /** Whether it was added just now, and is to be named. */
  isAdded: boolean;
  onChange: (field: FieldForm) => void;
  onRemove: () => void;
  /** Absent where it is the first, or the last. */
  onUp: (() => void) | undefined;
  onDown: (() => void) | undefined;
}

const types = Object.keys(typeWords) as Attribute['type'][];

/** One field of a section: a line that says what it is, and opens. */
export function FieldEditor(props: Props) {
  const { field, ordinal, faults, onRemove, onUp, onDown } = props;
  const [isOpen, setOpen] = useState(field.label === '');
  const id = useId();
  const title = field.label.trim() || ordinal;
  const facts = [typeWords[field.type], field.multiValued && 'several values', field.required && 'required'].filter(Boolean);
  const hasFaults = faults.length > 0;
  return (
    <li className="extra-field" data-faulty={hasFaults || undefined}>
      <div className="extra-field-head">
        <button
          type="button"
          className="extra-field-open"
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? <IconChevronDown size={16} aria-hidden /> : <IconChevronRight size={16} aria-hidden />}
          <span className="extra-field-title">{title}</span>
          <span className="extra-field-facts">{facts.join(', ').toLowerCase()}</span>
        </button>
        <ActionIcon variant="subtle" color="gray" aria-label={`Move ${title} up`} disabled={!onUp} onClick={onUp}>
          <IconChevronUp size={16} aria-hidden />
        </ActionIcon>
        <ActionIcon variant="subtle" color="gray" aria-label={`Move ${title} down`} disabled={!onDown} onClick={onDown}>
          <IconChevronDown size={16} aria-hidden />
        </ActionIcon>
        <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${title}`} onClick={onRemove}>
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      </div>
      {hasFaults && !isOpen && (
        <Text size="sm" c="var(--mantine-color-error)" px="sm" pb="xs">
          {faults[0]?.message}
        </Text>
      )}
      <div id={id} hidden={!isOpen}>
        {isOpen && <Definition {...props} />}
      </div>
    </li>
  );
}

function Definition({ field, isPart, isKnown, faults, isAdded, onChange }: Props) {
  const set = (change: Partial<FieldForm>) => onChange({ ...field, ...change });
  const own = faults.filter(({ part }) => part === undefined);
  const fault = own.map(({ message }) => message).join(' ');
  const isText = field.type === 'string';
  return (
    <Stack gap="sm" className="extra-field-body">
      <div className="extra-pair">
        <TextInput
          label="Label"
          required
          maxLength={60}
          autoComplete="off"
          autoFocus={isAdded}
          value={field.label}
          error={fault === '' ? undefined : fault}
          onChange={(event) => set({ label: event.currentTarget.value })}
        />
        <NativeSelect
          label="Kind of value"
          value={field.type}
          data={types.filter((type) => !isPart || type !== 'complex').map((type) => ({ value: type, label: typeWords[type] }))}
          onChange={(event) => {
            const type = types.find((each) => each === event.currentTarget.value) ?? 'string';
            set({
              type,
              parts: type === 'complex' && field.parts.length === 0 ? [newField()] : field.parts,
              ...(type === 'boolean' && { multiValued: false }),
            });
          }}
        />
      </div>
      <TextInput
        label="Help"
        description="Stands below the field in the form."
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        maxLength={500}
        autoComplete="off"
        value={field.help}
        onChange={(event) => set({ help: event.currentTarget.value })}
      />
      {isText && (
        <TagsInput
          label="Suggested values"
          description="Offered in the form; others can be typed too."
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          placeholder="Type one, then Enter"
          value={field.choices}
          onChange={(choices) => set({ choices })}
        />
      )}
      <div className="extra-switches">
        <Switch label="Required" checked={field.required} onChange={(event) => set({ required: event.currentTarget.checked })} />
        {field.type !== 'boolean' && (
          <Switch
            label="Several values"
            checked={field.multiValued}
            onChange={(event) => set({ multiValued: event.currentTarget.checked })}
          />
        )}
        {isText && (
          <Switch
            label="Capital letters matter in searches"
            checked={field.caseExact}
            onChange={(event) => set({ caseExact: event.currentTarget.checked })}
          />
        )}
      </div>
      {field.type === 'complex' && !isPart && <Parts field={field} isKnown={isKnown} faults={faults} onChange={onChange} />}
      <details className="extra-programs">
        <summary>For programs</summary>
        <TextInput
          size="xs"
          mt={4}
          label="Name in records"
          description={
            isKnown
              ? 'Values are kept under it, so it stays.'
              : 'It follows the label until you type one. It cannot be changed later.'
          }
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          readOnly={isKnown}
          maxLength={64}
          autoComplete="off"
          spellCheck={false}
          value={nameOfField(field)}
          onChange={({ currentTarget: { value } }) => {
            const { name: _before, ...rest } = field;
            onChange(value === '' ? rest : { ...rest, name: value });
          }}
        />
      </details>
    </Stack>
  );
}

function Parts({ field, isKnown, faults, onChange }: Pick<Props, 'field' | 'isKnown' | 'faults' | 'onChange'>) {
  const { parts } = field;
  return (
    <div>
      <Text size="sm" fw={500} mb={4}>
        Parts
      </Text>
      <FieldList
        fields={parts}
        ordinal={(place) => `Part ${place}`}
        isPart
        addLabel="Add a part"
        isKnown={(part) => isKnown && part.name !== undefined}
        faultsOf={(place) => faults.filter(({ part }) => part === place).map(({ part: _part, ...fault }) => fault)}
        onChange={(parts) => onChange({ ...field, parts })}
      />
    </div>
  );
}

interface ListProps {
  fields: readonly FieldForm[];
  ordinal: (place: number) => string;
  addLabel: string;
  isPart?: boolean;
  isKnown: (field: FieldForm) => boolean;
  faultsOf: (index: number) => Faults;
  onChange: (fields: FieldForm[]) => void;
}

/** The fields of a section, or the parts of one, in the order of the form. */
export function FieldList({ fields, ordinal, addLabel, isPart = false, isKnown, faultsOf, onChange }: ListProps) {
  const [added, setAdded] = useState<string>();
  const move = (from: number, to: number) => {
    const field = fields[from];
    if (field) onChange(fields.toSpliced(from, 1).toSpliced(to, 0, field));
  };
  const add = () => {
    const field = newField();
    setAdded(field.key);
    onChange([...fields, field]);
  };
  return (
    <>
      <ol className="extra-list">
        {fields.map((field, index) => (
          <FieldEditor
            key={field.key}
            field={field}
            ordinal={ordinal(index + 1)}
            isPart={isPart}
            isKnown={isKnown(field)}
            faults={faultsOf(index)}
            isAdded={field.key === added}
            onChange={(changed) => onChange(fields.with(index, changed))}
            onRemove={() => onChange(fields.toSpliced(index, 1))}
            onUp={index > 0 ? () => move(index, index - 1) : undefined}
            onDown={index < fields.length - 1 ? () => move(index, index + 1) : undefined}
          />
        ))}
      </ol>
      <Button variant="default" size="compact-sm" mt={8} leftSection={<IconPlus size={14} aria-hidden />} onClick={add}>
        {addLabel}
      </Button>
    </>
  );
}
