import { Button, Group, Progress, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ShownExtension } from '../../api/index.ts';
import type { MemberType } from '../../directory/pure.ts';
import { textOf } from '../attribute-text.ts';
import { messageOf, trpc } from '../connection.ts';
import { listOf } from '../words.ts';
import { countOf } from './kinds.ts';
import { useRemoveSection } from './use-sections.ts';

interface Props {
  tenant: string;
  type: MemberType;
  base: ShownExtension;
  onClose: () => void;
}

/** Asks before a section is removed, and says what goes with it. */
export function RemoveSection({ tenant, type, base, onClose }: Props) {
  const { schema } = base;
  const used = useQuery({ ...trpc.extensions.count.queryOptions({ tenant, type, id: schema.id }), staleTime: 0, gcTime: 0 });
  const [left, setLeft] = useState<number>();
  const removal = useRemoveSection(tenant, (progress) => setLeft(progress.left));
  const count = used.data ?? 0;
  const required = schema.attributes.filter((attribute) => attribute.required).map((attribute) => `“${textOf(attribute).label}”`);
  const isStuck = count > 0 && required.length > 0;
  const error = removal.error ?? used.error;
  return (
    <div className="banner" role="group" aria-label={`Remove ${schema.name}`}>
      <Text fw={600} size="sm" className="wraps">
        Remove “{schema.name}” with its {schema.attributes.length === 1 ? 'field' : `${schema.attributes.length} fields`}?
      </Text>
      <Text size="sm" role="status">
        {used.data === undefined
          ? 'Counting who has values …'
          : count === 0
            ? `${type === 'User' ? 'Nobody has' : 'No group has'} values in it.`
            : `${countOf(count, type)} ${count === 1 ? 'has' : 'have'} values in it. They are cleared; each history keeps what was there.`}
      </Text>
      {isStuck && (
        <Text size="sm">
          {listOf(required)} {required.length === 1 ? 'is' : 'are'} required, so nobody can be without. Change the section first,
          so that {required.length === 1 ? 'it is' : 'they are'} not.
        </Text>
      )}
      {removal.isPending && count > 0 && (
        <Progress
          mt="xs"
          aria-label="Cleared"
          value={left === undefined ? 0 : Math.max(0, Math.min(100, ((count - left) / count) * 100))}
        />
      )}
      {removal.isPending && left !== undefined && <Text size="sm">{countOf(left, type)} still to be cleared</Text>}
      {removal.data === 'stopped' && <Text size="sm">Stopped. The section is there still.</Text>}
      {error && (
        <Text size="sm" role="alert" mt="xs">
          {removal.isOutdated ? 'The section was changed in another window. Look at it, then remove it again.' : messageOf(error)}
        </Text>
      )}
      <Group gap="xs" mt="sm">
        <Button variant="default" autoFocus onClick={removal.isPending ? removal.stop : onClose}>
          {removal.isPending ? 'Stop' : 'Cancel'}
        </Button>
        <Button
          color="red.9"
          disabled={used.data === undefined || isStuck}
          loading={removal.isPending}
          onClick={() => removal.mutate({ base, type }, { onSuccess: (done) => done === 'removed' && onClose() })}
        >
          {count === 0 ? 'Remove' : 'Clear the values and remove'}
        </Button>
      </Group>
    </div>
  );
}
