import { MultiSelect, TagsInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { Attribute, ResourceSchemas } from '../../directory/pure.ts';
import { trpc } from '../connection.ts';
import { labelOf } from '../words.ts';

interface Props {
  label: string;
  tenant: string;
  value: readonly string[];
  error: string | undefined;
  onChange: (value: string[]) => void;
}

const suggestedGroups = 20;

/** Fields of people and groups, chosen by what they are called. */
export function AttributesField({ label, tenant, value, error, onChange }: Props) {
  const schemas = useQuery(trpc.tenants.schemas.queryOptions({ tenant }));
  const known = useMemo(
    () => (schemas.data ? [...fieldsOf(schemas.data.User), ...fieldsOf(schemas.data.Group)] : []),
    [schemas.data],
  );
  const own = value
    .filter((path) => known.every((field) => field.value !== path))
    .map((path) => ({ value: path, label: labelOf(path) }));
  const unique = [...new Map([...known, ...own].map((field) => [field.value, field])).values()];
  return (
    <MultiSelect
      label={label}
      description="A field with several parts, such as the name, stands for all of them."
      placeholder={value.length === 0 ? 'None' : ''}
      error={error}
      data={unique}
      value={[...value]}
      onChange={onChange}
      searchable
      clearable
      hidePickedOptions
      nothingFoundMessage="No field has this name"
      clearButtonProps={{ 'aria-label': 'Clear the fields' }}
    />
  );
}

/** What the schemas have that can be changed: each attribute, and the parts of those that have parts. */
function fieldsOf({ core, extensions }: ResourceSchemas): { value: string; label: string }[] {
  return [core, ...extensions].flatMap(({ attributes }) =>
    attributes.filter(isChangeable).flatMap((attribute) => {
      const { name, type, multiValued, subAttributes = [] } = attribute;
      const whole = { value: name, label: labelOf(name) };
      if (type !== 'complex' || multiValued) return [whole];
      const parts = subAttributes.filter(isChangeable).map((part) => ({
        value: `${name}.${part.name}`,
        label: `${labelOf(name)}: ${labelOf(`${name}.${part.name}`).toLowerCase()}`,
      }));
      return [whole, ...parts];
    }),
  );
}

function isChangeable({ mutability, name }: Attribute): boolean {
  return mutability !== 'readOnly' && name !== 'members' && name !== '$ref';
}

/** Groups by name or id. */
export function GroupsField({ label, tenant, value, error, onChange }: Props) {
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), 150);
  const found = useQuery(
    trpc.groups.list.queryOptions({ tenant, offset: 0, limit: suggestedGroups, ...(search !== '' && { search }) }),
  );
  const names = [...new Set((found.data?.rows ?? []).map(({ displayName }) => displayName))];
  return (
    <TagsInput
      label={label}
      description="Their names, or their ids. A renamed group keeps its id."
      placeholder={value.length === 0 ? 'None' : ''}
      error={error}
      data={names}
      value={[...value]}
      searchValue={text}
      onSearchChange={setText}
      onChange={onChange}
      clearable
      acceptValueOnBlur
      clearButtonProps={{ 'aria-label': 'Clear the groups' }}
    />
  );
}
