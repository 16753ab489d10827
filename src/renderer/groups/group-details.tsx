import { Anchor, List, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { groupSchemas, groupUrn, type Json, type Resource } from '../../directory/pure.ts';
import { messageOf, trpc } from '../connection.ts';
import type { Draft } from '../editor/draft.ts';
import { SimpleField } from '../editor/fields.tsx';
import { useNavigation } from '../navigation.ts';

interface Props {
  tenant: string;
  draft: Draft;
  /** What the directory found wrong, by path. */
  errors: ReadonlyMap<string, string>;
  onEdit: (mine: Resource, path: string) => void;
}

const fields = ['displayName', 'externalId'].flatMap((path) => groupSchemas.core.attributes.filter(({ name }) => name === path));

/** The record of a group, and the groups that it is in. */
export function GroupDetails({ tenant, draft, errors, onEdit }: Props) {
  const { mine, note, base } = draft;
  return (
    <Stack gap="xl">
      <div className="fields">
        {fields.map((attribute) => (
          <SimpleField
            key={attribute.name}
            attribute={attribute}
            path={attribute.name}
            value={mine[attribute.name]}
            onChange={(value) => onEdit(withValue(mine, attribute.name, value), attribute.name)}
            error={errors.get(attribute.name)}
            flash={note?.paths.includes(attribute.name) ? base.revision : undefined}
            readOnly={false}
          />
        ))}
      </div>
      <Parents tenant={tenant} id={mine.id} />
    </Stack>
  );
}

/** @returns a copy with the value set, where it stood; an empty one unassigns it. */
function withValue(resource: Resource, name: string, value: Json | undefined): Resource {
  if (value !== undefined && value !== '') return { ...resource, [name]: value };
  const { [name]: _old, ...rest } = resource;
  return { ...rest, schemas: [groupUrn], id: resource.id };
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
