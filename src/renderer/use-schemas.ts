import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { groupSchemas, userSchemas, type MemberType, type ResourceSchemas } from '../directory/pure.ts';
import { trpc } from './connection.ts';
import { learnSchemas } from './words.ts';

const standard: Record<MemberType, ResourceSchemas> = { User: userSchemas, Group: groupSchemas };
const standardUrns = new Set([...userSchemas.extensions, ...groupSchemas.extensions].map(({ id }) => id));

/** Whether a tenant has defined an extension itself. */
export function isOwn({ id }: { id: string }): boolean {
  return !standardUrns.has(id);
}

/** The schemas of a tenant, from which forms, filters and columns are made; those of the standards until they are read. */
export function useSchemas(tenant: string): Record<MemberType, ResourceSchemas> {
  const { data } = useQuery(trpc.tenants.schemas.queryOptions({ tenant }));
  return useMemo(() => {
    const schemas = data ?? standard;
    learnSchemas([...schemas.User.extensions, ...schemas.Group.extensions].filter(isOwn));
    return schemas;
  }, [data]);
}
