import { Autocomplete, Select, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Attribute, Json } from '../../directory/pure.ts';

interface Props {
  attribute: Attribute;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
  label?: string | undefined;
  /** Where no label is shown. */
  'aria-label'?: string | undefined;
  description?: string | undefined;
  error?: string | undefined;
  disabled?: boolean | undefined;
  required?: boolean | undefined;
}

const yes = 'Yes';
const no = 'No';

/** What one value of an attribute is entered with, by its type. */
export function OneValue({ attribute, value, onChange, ...rest }: Props) {
  const { type, canonicalValues } = attribute;
  const common = Object.fromEntries(Object.entries(rest).filter(([, given]) => given !== undefined));
  const field = { ...common, inputWrapperOrder: ['label', 'input', 'description', 'error'] as const };
  const text = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
  // What is required must be said; a switch that is off could mean that nobody has looked at it.
  if (type === 'boolean' && attribute.required)
    return (
      <Select
        {...field}
        inputWrapperOrder={[...field.inputWrapperOrder]}
        data={[yes, no]}
        value={value === true ? yes : value === false ? no : null}
        onChange={(chosen) => onChange(chosen === null ? undefined : chosen === yes)}
        allowDeselect={false}
      />
    );
  if (type === 'boolean')
    return (
      // A user without `active` counts as active.
      <Switch
        {...common}
        className="switch"
        checked={value === undefined ? attribute.name === 'active' : value === true}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  const shared = { ...field, inputWrapperOrder: [...field.inputWrapperOrder], autoComplete: 'off' };
  if (type === 'integer' || type === 'decimal') return <NumberText {...shared} value={value} onChange={onChange} />;
  if (type === 'dateTime')
    return (
      <TextInput
        {...shared}
        type="datetime-local"
        value={toLocal(text)}
        onChange={(event) => onChange(fromLocal(event.currentTarget.value))}
      />
    );
  return canonicalValues ? (
    <Autocomplete {...shared} data={canonicalValues} value={text} onChange={onChange} />
  ) : (
    <TextInput {...shared} value={text} onChange={(event) => onChange(event.currentTarget.value)} />
  );
}

/** Text that is a number as soon as it reads as one; “1.” on the way to “1.5” stays as it is typed. */
function NumberText({
  value,
  onChange,
  ...rest
}: {
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
  autoComplete: string;
}) {
  const [typed, setTyped] = useState('');
  const shown = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  const text = numberOf(typed) === value ? typed : shown;
  return (
    <TextInput
      {...rest}
      inputMode="decimal"
      value={text}
      onChange={({ currentTarget: { value: next } }) => {
        setTyped(next);
        onChange(numberOf(next));
      }}
    />
  );
}

/** @returns the number that a text means; the text itself where it means none, for the directory to refuse. */
export function numberOf(text: string): Json | undefined {
  const bare = text.trim();
  if (bare === '') return undefined;
  return /^-?\d+(?:\.\d*)?$/.test(bare) && Number.isFinite(Number(bare)) ? Number(bare) : text;
}

/** @returns an instant as the browser's field has it, in the time of this place. */
function toLocal(instant: string): string {
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return '';
  const two = (number: number) => String(number).padStart(2, '0');
  const year = String(at.getFullYear()).padStart(4, '0');
  return `${year}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

function fromLocal(local: string): string | undefined {
  const at = new Date(local);
  return local === '' || Number.isNaN(at.getTime()) ? undefined : at.toISOString().replace('.000Z', 'Z');
}
