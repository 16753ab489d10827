import { useQuery } from '@tanstack/react-query';
import { nameOf } from '../../directory/pure.ts';
import { trpc } from '../connection.ts';

/** @returns what the person or group with an id is called; the id itself while it is read, or where nobody has it. */
export function useNameOf(tenant: string, kind: 'person' | 'group', id: string | undefined): string | undefined {
  const input = { tenant, id: id ?? '' };
  const person = useQuery({ ...trpc.people.get.queryOptions(input), enabled: kind === 'person' && Boolean(id) });
  const group = useQuery({ ...trpc.groups.get.queryOptions(input), enabled: kind === 'group' && Boolean(id) });
  const resource = (kind === 'person' ? person : group).data?.resource;
  return resource ? nameOf(resource) : id;
}

/** The name of a person or group, from its id. */
export function NameOf({ tenant, kind, id }: { tenant: string; kind: 'person' | 'group'; id: string }) {
  return useNameOf(tenant, kind, id);
}
