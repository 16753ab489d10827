import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { nameOf } from '../../directory/pure.ts';
import { trpc } from '../connection.ts';
import { PersonField } from './fields.tsx';

/** The manager of somebody, chosen by name. */
export function ManagerField(props: {
  tenant: string;
  id: string | null;
  self: string;
  onChange: (id: string | null) => void;
  error: string | undefined;
  flash: number | undefined;
  readOnly: boolean;
}) {
  const { tenant, id, self, ...rest } = props;
  const [text, setText] = useState('');
  const current = useQuery({ ...trpc.people.get.queryOptions({ tenant, id: id ?? '' }), enabled: id !== null });
  const name = current.data ? nameOf(current.data.resource) : undefined;
  // The field shows the chosen name as its search text, which is not a search.
  const [search] = useDebouncedValue(text === name ? '' : text.trim(), 120);
  const found = useQuery(
    trpc.people.list.queryOptions({
      tenant,
      offset: 0,
      limit: 20,
      sort: { by: 'displayName', descending: false },
      ...(search === '' ? {} : { search }),
    }),
  );
  const people = (found.data?.rows ?? [])
    .filter((person) => person.id !== self)
    .map((person) => ({ value: person.id, label: person.displayName }));
  if (id !== null && !people.some(({ value }) => value === id))
    people.unshift({ value: id, label: name ?? 'Somebody who is not here any more' });
  return <PersonField {...rest} label="Manager" value={id} people={people} onSearch={setText} />;
}
