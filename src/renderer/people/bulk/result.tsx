import { Button, Group, List, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import type { Conflict } from '../../../directory/pure.ts';
import { ago, authorName } from '../../words.ts';
import type { Field } from '../fields.ts';
import { ChangeValue, labelIn } from './preview.tsx';
import { countOf, type Outcomes } from './run.ts';
import type { BulkState } from './use-bulk.ts';
import { planFor, type BulkAction, type Plan } from './wish.ts';

interface Props {
  tenant: string;
  fields: readonly Field[];
  action: BulkAction;
  state: BulkState;
  onRetry: (ids: readonly string[]) => void;
  onSkip: (ids: readonly string[]) => void;
}

/** What became of everybody: done, conflicts to decide, failures with their reasons. */
export function Result({ tenant, fields, action, state, onRetry, onSkip }: Props) {
  const { plans, outcomes, undone, phase } = state;
  const isUndone = phase === 'undone';
  const conflicts = plans.flatMap((plan) => {
    const outcome = outcomes.get(plan.id);
    return outcome?.state === 'conflict' ? [{ plan, conflict: outcome.conflict }] : [];
  });
  const waiting = plans.filter(({ id, changes }) => changes.length > 0 && !outcomes.has(id)).length;
  return (
    <Stack>
      <div role="status">
        {isUndone ? (
          <UndoneSummary undone={undone} isDeletion={action.kind === 'delete'} />
        ) : (
          <Group gap={6} wrap="nowrap" align="start">
            {conflicts.length === 0 ? <IconCheck size={18} aria-hidden /> : <IconAlertTriangle size={18} aria-hidden />}
            <Text size="sm">{summaryOf(action, state, waiting)}</Text>
          </Group>
        )}
      </div>
      {!isUndone && conflicts.length > 0 && (
        <section aria-label="Conflicts">
          <Stack gap={8}>
            {conflicts.length > 1 && (
              <Group gap="xs">
                <Button variant="default" size="compact-sm" onClick={() => onRetry(conflicts.map(({ plan }) => plan.id))}>
                  Try all again with the new versions
                </Button>
                <Button variant="subtle" size="compact-sm" onClick={() => onSkip(conflicts.map(({ plan }) => plan.id))}>
                  Skip all
                </Button>
              </Group>
            )}
            {conflicts.map(({ plan, conflict }) => (
              <ConflictRow
                key={plan.id}
                tenant={tenant}
                fields={fields}
                action={action}
                plan={plan}
                conflict={conflict}
                onRetry={() => onRetry([plan.id])}
                onSkip={() => onSkip([plan.id])}
              />
            ))}
          </Stack>
        </section>
      )}
      <Problems plans={plans} outcomes={isUndone ? undone : outcomes} isUndone={isUndone} />
    </Stack>
  );
}

interface ConflictProps {
  tenant: string;
  fields: readonly Field[];
  action: BulkAction;
  plan: Plan;
  conflict: Conflict;
  onRetry: () => void;
  onSkip: () => void;
}

/** One person whom somebody changed after the preview: who, what, and what trying again would do. */
function ConflictRow({ tenant, fields, action, plan, conflict, onRetry, onSkip }: ConflictProps) {
  const again = planFor({ resource: conflict.current, version: conflict.currentVersion }, action);
  return (
    <div className="banner" role="group" aria-label={`Conflict: ${plan.name}`}>
      <Stack gap={6}>
        <Text size="sm" fw={600}>
          {plan.name}
        </Text>
        <List size="sm" spacing={2}>
          {conflict.changes.map((change) => (
            <List.Item key={change.path}>
              {authorName(change.author)} changed {labelIn(fields, change.path).toLowerCase()} {ago(change.at)}:{' '}
              <ChangeValue tenant={tenant} change={change} side="before" fields={fields} /> →{' '}
              <b>
                <ChangeValue tenant={tenant} change={change} side="after" fields={fields} />
              </b>
            </List.Item>
          ))}
          {conflict.changes.length === 0 && <List.Item>Somebody has changed this person since the preview.</List.Item>}
        </List>
        <Text size="sm">
          {action.kind === 'delete'
            ? 'Trying again deletes the new version.'
            : again.changes.length === 0
              ? 'They have now what you wanted.'
              : 'Trying again: '}
          {action.kind === 'change' &&
            again.changes.map((change, index) => (
              <span key={change.path}>
                {index > 0 && ', '}
                {labelIn(fields, change.path).toLowerCase()}{' '}
                <ChangeValue tenant={tenant} change={change} side="before" fields={fields} /> →{' '}
                <b>
                  <ChangeValue tenant={tenant} change={change} side="after" fields={fields} />
                </b>
              </span>
            ))}
        </Text>
        <Group gap="xs">
          <Button variant="default" size="compact-sm" onClick={onRetry}>
            Try again with the new version
          </Button>
          <Button variant="default" size="compact-sm" onClick={onSkip}>
            Skip
          </Button>
        </Group>
      </Stack>
    </div>
  );
}

/** Those for whom nothing can be decided here, with the reason. */
function Problems({ plans, outcomes, isUndone }: { plans: readonly Plan[]; outcomes: Outcomes; isUndone: boolean }) {
  const problems = plans.flatMap(({ id, name }) => {
    const outcome = outcomes.get(id);
    if (outcome?.state === 'failed') return [{ id, name, why: outcome.message }];
    if (outcome?.state === 'gone') return [{ id, name, why: 'Somebody has deleted them.' }];
    if (!isUndone || outcome?.state !== 'conflict') return [];
    const last = outcome.conflict.changes[0];
    return [{ id, name, why: `${last ? authorName(last.author) : 'Somebody'} has changed them since, so this was not undone.` }];
  });
  if (problems.length === 0) return undefined;
  return (
    <section aria-label="Problems">
      <List size="sm" spacing={4}>
        {problems.map(({ id, name, why }) => (
          <List.Item key={id}>
            <b>{name}</b>: {why}
          </List.Item>
        ))}
      </List>
    </section>
  );
}

function UndoneSummary({ undone, isDeletion }: { undone: Outcomes; isDeletion: boolean }) {
  const { done, conflict, gone, failed } = countOf(undone);
  const kept = conflict + gone + failed;
  return (
    <Text size="sm">
      Undone for {people(done)}.{isDeletion && done > 0 && ' Their groups do not come back by themselves.'}
      {kept > 0 && ` ${people(kept)} could not be brought back:`}
    </Text>
  );
}

function summaryOf(action: BulkAction, { plans, outcomes }: BulkState, waiting: number): string {
  const { done, conflict, gone, failed, left } = countOf(outcomes);
  const unchanged = plans.filter(({ changes, id }) => changes.length === 0 && !outcomes.has(id)).length;
  return [
    `${people(done)} ${action.kind === 'delete' ? 'deleted' : 'changed'}.`,
    conflict > 0 && `Somebody else changed ${people(conflict)} after the preview: please decide.`,
    failed + gone > 0 && `${people(failed + gone)} could not be changed.`,
    left > 0 && `${people(left)} skipped.`,
    unchanged > 0 && `${people(unchanged)} had this already.`,
    waiting > 0 && `${people(waiting)} not changed yet, since it was stopped.`,
  ]
    .filter(Boolean)
    .join(' ');
}

export function people(count: number): string {
  return count === 1 ? '1 person' : `${count.toLocaleString('en')} people`;
}
