import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { trpc } from '../connection.ts';
import { useNameOf } from './name-of.tsx';

interface Props {
  tenant: string;
  kind: 'person' | 'group';
  label?: string;
  /** Where no label is shown. */
  ariaLabel?: string;
  /** An id; '' for none. */
  value: string;
  onChange: (id: string) => void;
}

/** A choice among all people or groups, found by name. */
export function Picker({ tenant, kind, label, ariaLabel, value, onChange }: Props) {
  const [text, setText] = useState('');
  const name = useNameOf(tenant, kind, value === '' ? undefined : value);
  // The field shows the chosen name as its search text, which is not a search.
  const [search] = useDebouncedValue(text === name ? '' : text.trim(), 120);
  const input = { tenant, offset: 0, limit: 20, ...(search === '' ? {} : { search }) };
  const sort = { by: 'displayName' as const, descending: false };
  const people = useQuery({
    ...trpc.people.list.queryOptions({ ...input, sort }),
    enabled: kind === 'person',
    placeholderData: keepPreviousData,
  });
  const groups = useQuery({
    ...trpc.groups.list.queryOptions({ ...input, sort }),
    enabled: kind === 'group',
    placeholderData: keepPreviousData,
  });
  const found = (kind === 'person' ? people : groups).data?.rows ?? [];
  const options = found.map(({ id, displayName }) => ({ value: id, label: displayName }));
  if (value !== '' && !options.some((option) => option.value === value)) options.unshift({ value, label: name ?? value });
  return (
    <Select
      {...(label !== undefined && { label })}
      {...(ariaLabel !== undefined && { 'aria-label': ariaLabel })}
      data={options}
      value={value === '' ? null : value}
      onChange={(id) => onChange(id ?? '')}
      onSearchChange={setText}
      filter={({ options }) => options}
      searchable
      placeholder={kind === 'person' ? 'A person' : 'A group'}
      nothingFoundMessage={kind === 'person' ? 'Nobody has this name' : 'No group has this name'}
    />
  );
}
