import { Stack, Text } from '@mantine/core';
import type { FieldChange, Json } from '../../directory/pure.ts';
import { ValueText } from '../editor/value-text.tsx';
import { memberChangesOf } from '../groups/member-changes.ts';
import { labelOf, listOf } from '../words.ts';

const shownMax = 12;
const namesMax = 8;

/** What a change was about, field by field; of a group, who came and who left. */
export function ChangeLines({ tenant, changes }: { tenant: string; changes: readonly FieldChange[] }) {
  const fields = changes.filter(({ path }) => !path.startsWith('members'));
  const { added, removed } = memberChangesOf({ changes: [...changes] });
  // Of very many, only how many there were and are is told.
  const count = changes.find(({ path }) => path === 'members');
  return (
    <Stack gap={2} mt={4} className="wraps">
      {fields.slice(0, shownMax).map(({ path, before, after }) => (
        <Text key={path} size="sm">
          {labelOf(path)}:{' '}
          {before !== undefined && (
            <s>
              <ValueText tenant={tenant} path={path} value={before} />
            </s>
          )}
          {before !== undefined && ' → '}
          <ValueText tenant={tenant} path={path} value={after} />
        </Text>
      ))}
      {fields.length > shownMax && <Text size="sm">… and {fields.length - shownMax} more</Text>}
      {added.length > 0 && (
        <Text size="sm">
          {added.length === 1 ? 'New member' : `${added.length} new members`}: {names(added)}
        </Text>
      )}
      {removed.length > 0 && (
        <Text size="sm">
          {removed.length === 1 ? 'No member any more' : `${removed.length} no members any more`}: {names(removed)}
        </Text>
      )}
      {count && (
        <Text size="sm">
          Number of members: <s>{countOf(count.before)}</s> → {countOf(count.after)}
        </Text>
      )}
    </Stack>
  );
}

function names(list: readonly { display: string }[]): string {
  return listOf(
    list.map(({ display }) => display || 'somebody who is not here any more'),
    namesMax,
  );
}

function countOf(value: Json | undefined): string {
  return typeof value === 'number' ? value.toLocaleString('en') : '0';
}
