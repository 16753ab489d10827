import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { trpc } from '../connection.ts';

/** Which list is on the left. */
export type ListKind = 'people' | 'groups';

/** Switches between the list of people and the list of groups, with how many there are. */
export function ListSwitch(props: { tenant: string; value: ListKind; onChange: (kind: ListKind) => void }) {
  const { tenant, value, onChange } = props;
  const people = useQuery(trpc.people.list.queryOptions({ tenant, offset: 0, limit: 1 }));
  const groups = useQuery(trpc.groups.list.queryOptions({ tenant, offset: 0, limit: 1 }));
  const label = (name: string, total: number | undefined) => (
    <>
      {name} <span className="switch-count">{total?.toLocaleString('en')}</span>
    </>
  );
  return (
    <SegmentedControl
      aria-label="List"
      fullWidth
      mx={12}
      mt={12}
      value={value}
      onChange={onChange}
      data={[
        { value: 'people', label: label('People', people.data?.total) },
        { value: 'groups', label: label('Groups', groups.data?.total) },
      ]}
    />
  );
}
