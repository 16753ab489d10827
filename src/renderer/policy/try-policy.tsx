import { Button, Group, Loader, NativeSelect, SegmentedControl, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { DryRun, DryRunChange } from '../../api/index.ts';
import { client, messageOf } from '../connection.ts';
import { Ago } from '../ago.tsx';
import { AuthorIcon } from '../history/author-icon.tsx';
import { authorName } from '../words.ts';
import { toPolicy, type PolicyDraft } from './rules.ts';

type Verdict = keyof DryRun['verdicts'];

const verdicts: Record<Verdict, string> = { apply: 'Done at once', approval: 'Needs approval', refuse: 'Refused' };
const deeds: Record<DryRunChange['operation'], string> = {
  create: 'Added',
  recreate: 'Brought back',
  delete: 'Deleted',
  patch: 'Changed',
  replace: 'Changed',
};

/** What the policy, as it is edited here, would have done to the last changes. */
export function TryPolicy({ tenant, draft, isChanged }: { tenant: string; draft: PolicyDraft; isChanged: boolean }) {
  const [count, setCount] = useState('200');
  const [shown, setShown] = useState<Verdict | 'all'>('all');
  const policy = toPolicy(draft);
  const run = useQuery({
    queryKey: ['dry run', tenant, policy, count],
    queryFn: ({ signal }) => client.policy.dryRun.query({ tenant, policy, count: Number(count) }, { signal }),
    staleTime: 0,
    gcTime: 0,
  });
  const rows = (run.data?.changes ?? []).filter(({ verdict }) => shown === 'all' || verdict === shown);
  return (
    <div className="policy-try">
      <Group gap="sm" align="flex-end" justify="space-between">
        <Group gap="sm" align="flex-end">
          <NativeSelect
            label="Try it on the last"
            data={['50', '200', '1000'].map((value) => ({ value, label: `${Number(value).toLocaleString('en')} changes` }))}
            value={count}
            onChange={({ currentTarget }) => setCount(currentTarget.value)}
          />
          <Button variant="default" loading={run.isFetching} onClick={() => void run.refetch()}>
            Try again
          </Button>
        </Group>
        {run.data && (
          <SegmentedControl
            aria-label="What to show"
            value={shown}
            onChange={(value) => setShown(value)}
            data={[
              { value: 'all', label: `All ${run.data.changes.length.toLocaleString('en')}` },
              ...(['approval', 'refuse', 'apply'] as const).map((value) => ({
                value,
                label: `${verdicts[value]}: ${run.data.verdicts[value].toLocaleString('en')}`,
              })),
            ]}
          />
        )}
      </Group>
      <Text size="sm" c="dimmed">
        {isChanged ? 'With your changes, which are not saved yet. ' : ''}Nothing is changed by trying. The history does not say
        what was one call, so each change counts as a call of its own.
      </Text>
      {run.error ? (
        <Text size="sm" role="alert" c="var(--mantine-color-error)">
          {messageOf(run.error)}
        </Text>
      ) : !run.data ? (
        <Loader aria-label="Trying" />
      ) : rows.length === 0 ? (
        <Text size="sm" role="status">
          {run.data.changes.length === 0 ? 'Nothing was changed here yet.' : 'None of these changes.'}
        </Text>
      ) : (
        <Rows rows={rows} />
      )}
    </div>
  );
}

function Rows({ rows }: { rows: readonly DryRunChange[] }) {
  return (
    // It scrolls, so the keyboard must reach it.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="scroll policy-table" role="region" aria-label="What would have happened" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th>When</th>
            <th>Who</th>
            <th>What</th>
            <th>What would have happened</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ revision, at, author, operation, name, verdict, rule }) => (
            <tr key={revision}>
              <td>
                <Ago at={at} />
              </td>
              <td>
                <AuthorIcon author={author} /> <bdi>{authorName(author)}</bdi>
              </td>
              <td className="wraps">
                {deeds[operation]} <bdi>{name}</bdi>
              </td>
              <td data-verdict={verdict}>
                <strong>{verdicts[verdict]}</strong>
                {rule && (
                  <Text size="xs" className="wraps">
                    {rule.says} <span className="policy-rule">{rule.id}</span>
                  </Text>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
