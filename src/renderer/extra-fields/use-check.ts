import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import type { ExtensionCheck, MemberType, Schema } from '../../directory/pure.ts';
import { client } from '../connection.ts';

const typingMs = 350;

/** What the directory says about a definition. */
export interface Checked {
  /** Undefined until there is an answer about what is typed now. */
  check: ExtensionCheck | undefined;
  isChecking: boolean;
  error: Error | null;
  /** Asks again, after values were changed. */
  again: () => void;
}

/**
 * Has a definition checked while it is made, against the other attributes and all values that there are. A check that nobody
 * waits for any more is cancelled: it may read 100,000 people.
 * @param schema undefined while there is nothing to check.
 */
export function useCheck(tenant: string, type: MemberType, schema: Schema | undefined): Checked {
  const text = schema && JSON.stringify(schema);
  const [typed] = useDebouncedValue(text, typingMs);
  const isCurrent = text !== undefined && typed === text;
  const query = useQuery({
    queryKey: ['check of extra fields', tenant, type, typed],
    queryFn: ({ signal }) =>
      client.extensions.validate.mutate(
        { tenant, type, schema: JSON.parse(typed ?? '{}') as Record<string, unknown> },
        { signal },
      ),
    enabled: isCurrent,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  return {
    check: isCurrent && !query.isFetching ? query.data : undefined,
    isChecking: text !== undefined && (!isCurrent || query.isFetching),
    error: isCurrent && !query.isFetching ? query.error : null,
    again: () => void query.refetch(),
  };
}
