import {
  ActionIcon,
  Autocomplete,
  Button,
  Fieldset,
  Input,
  Radio,
  Select,
  Stack,
  Switch,
  Textarea,
  TextInput,
} from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { asElements, type Attribute, type Complex, type Json } from '../../directory/pure.ts';
import { labelOf, labelOfOne } from '../words.ts';

export interface FieldProps {
  attribute: Attribute;
  /** SCIM path of the attribute. */
  path: string;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
  error: string | undefined;
  /** Set while the field shows that somebody else changed it; another number flashes it again. */
  flash: number | undefined;
  readOnly: boolean;
}

function Flash({ flash, children }: { flash: number | undefined; children: ReactNode }) {
  return <div className={flash === undefined ? undefined : `flash flash-${flash % 2}`}>{children}</div>;
}

/** One attribute with one value, as its schema says. */
export function SimpleField({ attribute, path, value, onChange, error, flash, readOnly }: FieldProps) {
  const label = labelOf(path);
  const common = { label, error, disabled: readOnly, required: attribute.required };
  const text = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
  if (attribute.type === 'boolean')
    return (
      <Flash flash={flash}>
        {/* A user without `active` counts as active. */}
        <Switch
          className="switch"
          label={label}
          error={error}
          disabled={readOnly}
          checked={value === undefined ? attribute.name === 'active' : value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      </Flash>
    );
  return (
    <Flash flash={flash}>
      {attribute.canonicalValues ? (
        <Autocomplete {...common} data={attribute.canonicalValues} value={text} onChange={onChange} />
      ) : (
        <TextInput {...common} value={text} onChange={(event) => onChange(event.currentTarget.value)} autoComplete="off" />
      )}
    </Flash>
  );
}

/** A multi-valued attribute: rows with their kind, one of them primary. */
export function MultiField({ attribute, path, value, onChange, error, flash, readOnly }: FieldProps) {
  const elements = asElements(value) ?? [];
  const parts = (attribute.subAttributes ?? []).filter(
    ({ name, mutability }) => !['type', 'primary', 'display', '$ref', 'formatted'].includes(name) && mutability !== 'readOnly',
  );
  const types = attribute.subAttributes?.find(({ name }) => name === 'type')?.canonicalValues ?? [];
  const label = labelOf(path);
  const one = labelOfOne(attribute.name);
  // An address has many parts, which need their names; an email address is one.
  const isWide = parts.length > 1;
  const set = (index: number, change: Complex) =>
    onChange(elements.map((element, at) => (at === index ? clean({ ...element, ...change }) : element)));
  const name = (index: number) => `${label} ${index + 1}`;
  return (
    <Flash flash={flash}>
      <Fieldset legend={label} variant="unstyled" disabled={readOnly}>
        <Stack gap={isWide ? 16 : 8}>
          {elements.map((element, index) => (
            // Rows have no identity of their own while they are edited; their place is the steadiest thing about them.
            // oxlint-disable-next-line react/no-array-index-key
            <div key={index} className={isWide ? 'multi-row multi-row-wide' : 'multi-row'}>
              <div className={isWide ? 'parts' : 'value'}>
                {parts.map((part) => (
                  <TextInput
                    key={part.name}
                    label={isWide ? labelOf(part.name) : undefined}
                    aria-label={isWide ? `${name(index)}, ${labelOf(part.name)}` : name(index)}
                    value={typeof element[part.name] === 'string' ? (element[part.name] as string) : ''}
                    onChange={(event) => set(index, { [part.name]: event.currentTarget.value })}
                    autoComplete="off"
                  />
                ))}
              </div>
              <Autocomplete
                aria-label={`Kind of ${name(index).toLowerCase()}`}
                placeholder="Kind"
                data={types}
                value={typeof element['type'] === 'string' ? element['type'] : ''}
                onChange={(type) => set(index, { type })}
              />
              <Radio
                label="Primary"
                name={path}
                checked={element['primary'] === true}
                onChange={() => onChange(elements.map((other, at) => clean({ ...other, primary: at === index })))}
              />
              <ActionIcon
                variant="subtle"
                color="gray"
                size="lg"
                className="remove"
                aria-label={`Remove ${name(index).toLowerCase()}`}
                onClick={() => onChange(elements.filter((_, at) => at !== index))}
              >
                <IconTrash size={16} aria-hidden />
              </ActionIcon>
            </div>
          ))}
          {error !== undefined && <Input.Error role="alert">{error}</Input.Error>}
          <div>
            <Button
              variant="default"
              size="compact-sm"
              leftSection={<IconPlus size={14} aria-hidden />}
              onClick={() =>
                onChange([
                  ...elements,
                  { type: types.find((type) => elements.every((element) => element['type'] !== type)) ?? 'other' },
                ])
              }
            >
              Add {/^[aeiou]/i.test(one) ? 'an' : 'a'} {one.toLowerCase()}
            </Button>
          </div>
        </Stack>
      </Fieldset>
    </Flash>
  );
}

function clean(element: Complex): Complex {
  return Object.fromEntries(
    Object.entries(element).filter(([key, value]) => value !== '' && !(key === 'primary' && value === false)),
  );
}

/** A choice among people. */
export function PersonField(props: {
  label: string;
  value: string | null;
  people: { value: string; label: string }[];
  onSearch: (text: string) => void;
  onChange: (id: string | null) => void;
  error: string | undefined;
  flash: number | undefined;
  readOnly: boolean;
}) {
  const { label, value, people, onSearch, onChange, error, flash, readOnly } = props;
  return (
    <Flash flash={flash}>
      <Select
        label={label}
        error={error}
        disabled={readOnly}
        data={people}
        value={value}
        onChange={onChange}
        onSearchChange={onSearch}
        filter={({ options }) => options}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': 'Clear the manager' }}
        nothingFoundMessage="Nobody has this name"
        placeholder="Nobody"
      />
    </Flash>
  );
}

/** The whole record as text, for what the form does not show. */
export function RecordText({
  text,
  onChange,
  error,
  readOnly,
}: {
  text: string;
  onChange: (text: string) => void;
  error: string | undefined;
  readOnly: boolean;
}) {
  return (
    <Textarea
      label="The whole record"
      description="As programs see it. Changes here are part of your draft once they are valid."
      value={text}
      error={error}
      readOnly={readOnly}
      onChange={(event) => onChange(event.currentTarget.value)}
      autosize
      minRows={16}
      // The text is long: what is wrong with it must be seen from its beginning.
      inputWrapperOrder={['label', 'description', 'error', 'input']}
      spellCheck={false}
      styles={{ input: { fontFamily: 'ui-monospace, monospace', fontSize: 13 } }}
    />
  );
}
