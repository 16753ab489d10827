import { Checkbox, Group, NumberInput, Radio, Select, Stack, Textarea, TextInput } from '@mantine/core';
import type { Field } from './form-fields.ts';

interface Props {
  field: Field;
  id: string;
  value: unknown;
  error: string | undefined;
  disabled: boolean;
  onChange: (value: unknown) => void;
}

/** As many as this are seen at once, one below the other. */
const radiosMax = 6;
const inputTypes = { text: 'text', email: 'email', address: 'url', date: 'date', moment: 'datetime-local' } as const;

/** One field of a form that a tool asks to be filled in. */
export function FormField({ field, id, value, error, disabled, onChange }: Props) {
  const { label, description, isRequired } = field;
  const common = { id, label, description, error, disabled, withAsterisk: isRequired, 'aria-required': isRequired } as const;
  const text = typeof value === 'string' ? value : '';
  switch (field.kind) {
    case 'text':
    case 'email':
    case 'address':
    case 'date':
    case 'moment':
      return field.isLong ? (
        <Textarea
          {...common}
          autosize
          minRows={2}
          maxRows={8}
          value={text}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
            event.preventDefault();
            event.currentTarget.form?.requestSubmit();
          }}
        />
      ) : (
        <TextInput
          {...common}
          type={inputTypes[field.kind]}
          value={text}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        />
      );
    case 'number':
      return (
        <NumberInput
          {...common}
          inputMode={field.isWhole ? 'numeric' : 'decimal'}
          allowDecimal={!field.isWhole}
          clampBehavior="none"
          value={typeof value === 'number' ? value : text}
          onChange={(next) => onChange(next === '' ? undefined : next)}
        />
      );
    case 'yes-no':
      return (
        <Checkbox
          id={id}
          label={label}
          description={description}
          error={error}
          disabled={disabled}
          checked={value === true}
          onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        />
      );
    case 'one':
      return field.options.length > radiosMax ? (
        <Select
          {...common}
          data={[...field.options]}
          searchable
          clearable={!isRequired}
          comboboxProps={{ withinPortal: true }}
          value={typeof value === 'string' ? value : null}
          onChange={(next) => onChange(next ?? undefined)}
        />
      ) : (
        <Radio.Group
          id={id}
          label={label}
          description={description}
          error={error}
          withAsterisk={isRequired}
          disabled={disabled}
          value={text}
          onChange={onChange}
        >
          <Group gap="6px 16px" pt={6} pb={2}>
            {field.options.map((option) => (
              <Radio key={option.value} value={option.value} label={option.label} disabled={disabled} />
            ))}
          </Group>
        </Radio.Group>
      );
    case 'several':
      return (
        <Checkbox.Group
          id={id}
          label={label}
          description={description}
          error={error}
          withAsterisk={isRequired}
          value={Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []}
          onChange={onChange}
        >
          <Stack gap={6} pt={6} pb={2}>
            {field.options.map((option) => (
              <Checkbox key={option.value} value={option.value} label={option.label} disabled={disabled} />
            ))}
          </Stack>
        </Checkbox.Group>
      );
  }
}
