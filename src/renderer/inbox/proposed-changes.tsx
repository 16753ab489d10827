import { Badge, Stack, Text } from '@mantine/core';
import type { FieldChange, ProposedChange, Side } from '../../directory/pure.ts';
import { CollisionTable } from '../conflict/collision-table.tsx';
import { ValueText } from '../editor/value-text.tsx';
import { ChangeLines } from '../history/change-lines.tsx';
import { ComparisonTable } from '../history/comparison-table.tsx';
import '../history/history.css';
import { changeLabel, memberName } from '../history/words.ts';

interface Props {
  tenant: string;
  /** Whose changes they are. */
  agent: string;
  proposed: readonly ProposedChange[];
  /** Whose value stands, by path, where others changed the same; absent where nothing is to be decided. */
  choices?: { sideOf: (path: string) => Side; onChoose: (path: string, side: Side) => void } | undefined;
}

/** What would be done: field by field for one person or group, a list for several. */
export function ProposedChanges({ tenant, agent, proposed, choices }: Props) {
  const [first, ...others] = proposed;
  if (!first) return null;
  if (others.length > 0)
    return (
      <Stack gap="sm">
        {proposed.map((change) => (
          <section key={`${change.type} ${change.id}`} className="undo-resource" aria-label={change.name}>
            <Text size="sm" fw={600} className="wraps" span mr="xs">
              {change.name}
            </Text>
            <Badge variant="default">{labels[change.operation]}</Badge>
            {change.operation !== 'delete' && <ChangeLines tenant={tenant} changes={change.changes} />}
            <Others count={change.collisions.length} />
          </section>
        ))}
      </Stack>
    );
  return <One tenant={tenant} agent={agent} change={first} choices={choices} />;
}

const labels: Record<ProposedChange['operation'], string> = {
  create: 'Is added',
  recreate: 'Comes back',
  delete: 'Is deleted',
  patch: 'Is changed',
  replace: 'Is changed',
};

function One({ tenant, agent, change, choices }: Omit<Props, 'proposed'> & { change: ProposedChange }) {
  const { operation, changes, changeCount, collisions } = change;
  if (operation === 'delete')
    return <Record tenant={tenant} label="What is deleted" changes={changes} side="before" count={changeCount} />;
  if (operation === 'create' || operation === 'recreate')
    return <Record tenant={tenant} label="What is added" changes={changes} side="after" count={changeCount} />;
  const colliding = new Set(collisions.map(({ path }) => path));
  const free = changes.filter(({ path }) => !colliding.has(path));
  return (
    <Stack gap="md">
      {collisions.length > 0 && (
        <div className="banner">
          <Text size="sm" fw={600}>
            Somebody changed the same since {agent} read it. Choose what should stand.
          </Text>
          <div className="review">
            <CollisionTable
              tenant={tenant}
              label="Fields that both changed"
              collisions={collisions}
              names={{ mine: agent, mineSpoken: agent, theirs: 'There now' }}
              sideOf={({ path }) => choices?.sideOf(path) ?? collisions.find((one) => one.path === path)?.stands ?? 'mine'}
              onChoose={({ path }, side) => choices?.onChoose(path, side)}
            />
          </div>
        </div>
      )}
      {free.length > 0 && <ComparisonTable tenant={tenant} label="What would change" changes={free} left="Now" right="Then" />}
      <More count={changeCount - changes.length} />
    </Stack>
  );
}

/** All of a record that goes or comes. */
function Record(props: {
  tenant: string;
  label: string;
  changes: readonly FieldChange[];
  side: 'before' | 'after';
  count: number;
}) {
  const { tenant, label, changes, side, count } = props;
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>
        {label}
      </Text>
      <dl className="inbox-facts" aria-label={label}>
        {changes.map((change) => {
          const { path, [side]: value } = change;
          return (
            <div key={path}>
              <dt>{changeLabel(change)}</dt>
              <dd className="wraps">
                {path.startsWith('members[') ? memberName(value) : <ValueText tenant={tenant} path={path} value={value} />}
              </dd>
            </div>
          );
        })}
      </dl>
      <More count={count - changes.length} />
    </div>
  );
}

function More({ count }: { count: number }) {
  return count > 0 ? <Text size="sm">… and {count.toLocaleString('en')} more</Text> : null;
}

function Others({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <Text size="sm" className="undo-conflict">
      Somebody changed {count === 1 ? 'one of these fields' : `${count} of these fields`} since; what is asked would overwrite it.
    </Text>
  );
}
