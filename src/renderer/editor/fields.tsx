import { ActionIcon, Autocomplete, Button, Fieldset, Input, Radio, Select, Stack, TagsInput, Textarea } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { asElements, type Attribute, type Complex, type Json } from '../../directory/pure.ts';
import { textOf } from '../attribute-text.ts';
import { labelOf, labelOfOne } from '../words.ts';
import { numberOf, OneValue } from './one-value.tsx';

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

/** What a tenant says about an attribute of its own; those of the standards are known. */
function helpOf(path: string, attribute: Attribute): string | undefined {
  const { help } = path.startsWith('urn:') && !path.startsWith('urn:ietf:') ? textOf(attribute) : { help: '' };
  return help === '' ? undefined : help;
}

/** One attribute with one value, as its schema says. */
export function SimpleField({ attribute, path, value, onChange, error, flash, readOnly }: FieldProps) {
  return (
    <Flash flash={flash}>
      <OneValue
        attribute={attribute}
        value={value}
        onChange={onChange}
        label={labelOf(path)}
        description={helpOf(path, attribute)}
        error={error}
        disabled={readOnly}
        required={attribute.required}
      />
    </Flash>
  );
}

/** A multi-valued attribute. */
export function MultiField(props: FieldProps) {
  return props.attribute.type === 'complex' ? <RowsField {...props} /> : <ListField {...props} />;
}

/** A list of simple values. */
function ListField({ attribute, path, value, onChange, error, flash, readOnly }: FieldProps) {
  const values = Array.isArray(value) ? value : [];
  const { type, canonicalValues = [] } = attribute;
  const valueOf = (text: string): Json => {
    if (type === 'integer' || type === 'decimal') return numberOf(text) ?? text;
    return type === 'boolean' && /^(?:true|false)$/.test(text) ? text === 'true' : text;
  };
  const help = helpOf(path, attribute);
  return (
    <Flash flash={flash}>
      <TagsInput
        label={labelOf(path)}
        {...(help !== undefined && { description: help })}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        placeholder={readOnly ? '' : 'Type one, then Enter'}
        error={error}
        disabled={readOnly}
        required={attribute.required}
        data={canonicalValues}
        value={values.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)))}
        onChange={(texts) => onChange(texts.map(valueOf))}
      />
    </Flash>
  );
}

const standardHidden = new Set(['type', 'primary', 'display', '$ref', 'formatted']);
const ownHidden = new Set(['type', 'primary']);

/** A multi-valued complex attribute: rows; with their kind, and one of them primary, where the schema has these. */
function RowsField({ attribute, path, value, onChange, error, flash, readOnly }: FieldProps) {
  const elements = asElements(value) ?? [];
  const { subAttributes = [] } = attribute;
  const isOwn = path.startsWith('urn:');
  const hidden = isOwn ? ownHidden : standardHidden;
  const parts = subAttributes.filter(({ name, mutability }) => !hidden.has(name) && mutability !== 'readOnly');
  const kind = subAttributes.find(({ name }) => name === 'type');
  const types = kind?.canonicalValues ?? [];
  const hasPrimary = subAttributes.some(({ name }) => name === 'primary');
  const label = labelOf(path);
  const one = labelOfOne(path);
  const help = helpOf(path, attribute);
  // An address has many parts, which need their names; an email address is one.
  const isWide = parts.length > 1 || isOwn;
  const set = (index: number, change: { [name: string]: Json | undefined }) =>
    onChange(elements.map((element, at) => (at === index ? clean({ ...element, ...change }) : element)));
  const name = (index: number) => `${label} ${index + 1}`;
  const labelOfPart = (part: Attribute) => (isOwn ? textOf(part).label : labelOf(part.name));
  const rowClass = ['multi-row', isWide && 'multi-row-wide', !kind && !hasPrimary && 'multi-row-plain'].filter(Boolean).join(' ');
  return (
    <Flash flash={flash}>
      <Fieldset legend={label} variant="unstyled" disabled={readOnly}>
        <Stack gap={isWide ? 16 : 8}>
          {help !== undefined && <Input.Description>{help}</Input.Description>}
          {elements.map((element, index) => (
            // Rows have no identity of their own while they are edited; their place is the steadiest thing about them.
            // oxlint-disable-next-line react/no-array-index-key
            <div key={index} className={rowClass}>
              <div className={isWide ? 'parts' : 'value'}>
                {parts.map((part) => (
                  <OneValue
                    key={part.name}
                    attribute={part}
                    label={isWide ? labelOfPart(part) : undefined}
                    aria-label={isWide ? `${name(index)}, ${labelOfPart(part)}` : name(index)}
                    value={element[part.name]}
                    onChange={(next) => set(index, { [part.name]: next })}
                  />
                ))}
              </div>
              {kind && (
                <Autocomplete
                  aria-label={`Kind of ${name(index).toLowerCase()}`}
                  placeholder="Kind"
                  data={types}
                  value={typeof element['type'] === 'string' ? element['type'] : ''}
                  onChange={(type) => set(index, { type })}
                />
              )}
              {hasPrimary && (
                <Radio
                  label="Primary"
                  name={path}
                  checked={element['primary'] === true}
                  onChange={() => onChange(elements.map((other, at) => clean({ ...other, primary: at === index })))}
                />
              )}
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
                  kind ? { type: types.find((type) => elements.every((element) => element['type'] !== type)) ?? 'other' } : {},
                ])
              }
            >
              {isOwn ? `Add to ${label.toLowerCase()}` : `Add ${/^[aeiou]/i.test(one) ? 'an' : 'a'} ${one.toLowerCase()}`}
            </Button>
          </div>
        </Stack>
      </Fieldset>
    </Flash>
  );
}

function clean(element: { [name: string]: Json | undefined }): Complex {
  const kept = Object.entries(element).filter(
    (entry): entry is [string, Json] =>
      entry[1] !== undefined && entry[1] !== '' && !(entry[0] === 'primary' && entry[1] === false),
  );
  return Object.fromEntries(kept);
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
