import { Anchor, List, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Resource } from '../../directory/pure.ts';
import { messageOf, trpc } from '../connection.ts';
import type { Draft } from '../editor/draft.ts';
import { groupSections } from '../editor/form-sections.ts';
import { SchemaForm } from '../editor/schema-form.tsx';
import { useNavigation } from '../navigation.ts';
import { useSchemas } from '../use-schemas.ts';

interface Props {
  tenant: string;
  draft: Draft;
  /** What the directory found wrong, by path. */
  errors: ReadonlyMap<string, string>;
  onEdit: (mine: Resource, path: string) => void;
}

/** The record of a group, and the groups that it is in. */
export function GroupDetails({ tenant, draft, errors, onEdit }: Props) {
  const { mine, note, base } = draft;
  const { Group } = useSchemas(tenant);
  const sections = useMemo(() => groupSections(Group), [Group]);
  return (
    <Stack gap="xl">
      <SchemaForm
        tenant={tenant}
        sections={sections}
        resource={mine}
        onEdit={onEdit}
        errors={errors}
        flashed={note?.paths ?? []}
        flash={base.revision}
        readOnly={false}
      />
      <Parents tenant={tenant} id={mine.id} />
    </Stack>
  );
}

function Parents({ tenant, id }: { tenant: string; id: string }) {
  const go = useNavigation();
  const groups = useQuery(trpc.groups.of.queryOptions({ tenant, id }));
  return (
    <section aria-label="Is in">
      <Title order={3} size="h5" mb="xs">
        Is in these groups
      </Title>
      {groups.error ? (
        <Text size="sm" role="alert">
          {messageOf(groups.error)}
        </Text>
      ) : groups.data === undefined ? (
        <Skeleton height={24} width={200} />
      ) : groups.data.length === 0 ? (
        <Text size="sm" c="dimmed">
          In none. Open a group to add this one as a member of it.
        </Text>
      ) : (
        <List size="sm" listStyleType="none">
          {groups.data.map(({ value, display, type }) => (
            <List.Item key={value}>
              <Anchor
                component="button"
                type="button"
                size="sm"
                ta="start"
                className="wraps"
                onClick={() => go({ kind: 'group', id: value })}
              >
                {display}
              </Anchor>
              {type === 'indirect' && (
                <Text span size="sm" c="dimmed">
                  {' '}
                  through another group
                </Text>
              )}
            </List.Item>
          ))}
        </List>
      )}
    </section>
  );
}
