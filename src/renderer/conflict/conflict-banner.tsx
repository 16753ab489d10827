import { Button, Group, Kbd, Radio, Table, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState, type RefObject } from 'react';
import type { Json, Side } from '../../directory/pure.ts';
import type { Draft } from '../editor/draft.ts';
import { ago, authorName, exactTime, labelOf, listOf, valueText } from '../words.ts';

interface Props {
  draft: Draft;
  onResolve: (choose: (path: string) => Side) => void;
  focusRef: RefObject<HTMLButtonElement | null>;
}

/**
 * Says who changed the same fields, and lets the person decide. It takes no focus; F6 goes to it.
 */
export function ConflictBanner({ draft, onResolve, focusRef }: Props) {
  const [reviewing, setReviewing] = useState(false);
  const { theirs, collisions } = draft;
  return (
    <div role="status" aria-label="Conflict">
      {theirs && (
        <div className="banner">
          <Group gap="sm" wrap="nowrap" align="flex-start">
            <IconAlertTriangle size={20} aria-hidden style={{ flexShrink: 0, color: 'var(--tandem-warning-line)' }} />
            <div style={{ minWidth: 0, flex: 1 }}>
              <Text fw={600} size="sm">
                {authorName(theirs.author)} changed {listOf(collisions.map(({ path }) => labelOf(path).toLowerCase()))} while you
                were editing, {ago(theirs.at)}
              </Text>
              <Text size="sm" title={exactTime(theirs.at)}>
                Everything else is merged. Decide what should stand; nothing is saved until you press Save.{' '}
                <Kbd size="xs">F6</Kbd>
              </Text>
              <Group gap="xs" mt="xs">
                <Button ref={focusRef} size="compact-sm" onClick={() => onResolve(() => 'mine')}>
                  Keep mine
                </Button>
                <Button size="compact-sm" variant="default" onClick={() => onResolve(() => 'theirs')}>
                  Take theirs
                </Button>
                <Button size="compact-sm" variant="default" aria-expanded={reviewing} onClick={() => setReviewing(!reviewing)}>
                  Choose field by field
                </Button>
              </Group>
            </div>
          </Group>
          {reviewing && <Review draft={draft} onResolve={onResolve} />}
        </div>
      )}
    </div>
  );
}

/** Three columns: what it was, what it is in the draft, what it is now; and a choice for each field. */
function Review({ draft: { collisions, theirs }, onResolve }: Pick<Props, 'draft' | 'onResolve'>) {
  const [chosen, setChosen] = useState<Readonly<Record<string, Side>>>({});
  const decided = collisions.filter(({ path }) => chosen[path]).length;
  const who = theirs ? authorName(theirs.author) : '';
  return (
    <div style={{ marginTop: 12 }}>
      <Table.ScrollContainer minWidth={460}>
        <Table verticalSpacing="xs" aria-label="Fields that both of you changed">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Field</Table.Th>
              <Table.Th>Before</Table.Th>
              <Table.Th>Yours</Table.Th>
              <Table.Th>{who}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {collisions.map(({ path, base, mine, theirs: other }) => {
              const choice = (side: Side, value: Json | undefined, owner: string) => (
                <Radio
                  name={`choice ${path}`}
                  label={valueText(value)}
                  aria-label={`${labelOf(path)}: ${owner}, ${valueText(value)}`}
                  checked={chosen[path] === side}
                  onChange={() => setChosen({ ...chosen, [path]: side })}
                />
              );
              return (
                <Table.Tr key={path}>
                  <Table.Th scope="row">{labelOf(path)}</Table.Th>
                  <Table.Td>{valueText(base)}</Table.Td>
                  <Table.Td>{choice('mine', mine, 'yours')}</Table.Td>
                  <Table.Td>{choice('theirs', other, who)}</Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Group justify="space-between" mt="xs">
        <Text size="sm">
          {decided} of {collisions.length} decided
        </Text>
        <Button
          size="compact-sm"
          disabled={decided < collisions.length}
          onClick={() => onResolve((path) => chosen[path] ?? 'theirs')}
        >
          Use these
        </Button>
      </Group>
    </div>
  );
}
