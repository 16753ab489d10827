import { Autocomplete, Select, TextInput } from '@mantine/core';
import type { Field } from './fields.ts';
import { Picker } from './picker.tsx';

interface Props {
  tenant: string;
  field: Field;
  label?: string;
  /** Where no label is shown. */
  ariaLabel?: string;
  /** As it is typed; 'true' or 'false' for yes and no; an id of a person or group. */
  value: string;
  onChange: (value: string) => void;
}

/** What a value of a field is entered with. */
export function ValueInput({ tenant, field, label, ariaLabel, value, onChange }: Props) {
  const named = { ...(label !== undefined && { label }), ...(ariaLabel !== undefined && { 'aria-label': ariaLabel }) };
  switch (field.kind) {
    case 'person':
    case 'group':
      return (
        <Picker
          tenant={tenant}
          kind={field.kind}
          {...(label !== undefined && { label })}
          {...(ariaLabel !== undefined && { ariaLabel })}
          value={value}
          onChange={onChange}
        />
      );
    case 'boolean':
      return (
        <Select
          {...named}
          data={[
            { value: 'true', label: 'Yes' },
            { value: 'false', label: 'No' },
          ]}
          value={value === '' ? null : value}
          onChange={(chosen) => onChange(chosen ?? '')}
          allowDeselect={false}
        />
      );
    case 'date':
      return <TextInput type="date" {...named} value={value} onChange={(event) => onChange(event.currentTarget.value)} />;
    case 'number':
    case 'text':
      return field.choices.length > 0 ? (
        <Autocomplete {...named} data={[...field.choices]} value={value} onChange={onChange} maxLength={1000} />
      ) : (
        <TextInput
          {...named}
          value={value}
          maxLength={1000}
          inputMode={field.kind === 'number' ? 'decimal' : 'text'}
          autoComplete="off"
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}
