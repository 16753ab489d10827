import { Anchor, List } from '@mantine/core';
import { IconBulb } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Advice } from '../../directory/pure.ts';
import type { Opened } from '../navigation.ts';
import { choices, ruleLabels } from '../policy/words.ts';
import { labelOf, listOf } from '../words.ts';
import { hourHere } from './words.ts';

/** What repeats, and what people can do about it; agents read the same in their own words (src/mcp/conflict-report.ts). */
export function AdviceList({ advice, onShow }: { advice: readonly Advice[]; onShow: (subject: Opened) => void }) {
  if (advice.length === 0) return null;
  return (
    <section aria-label="Advice" className="conflict-advice">
      <IconBulb size={20} aria-hidden />
      <List size="sm" listStyleType="none" spacing={4}>
        {advice.map((one) => (
          <List.Item key={one.code}>{sentenceOf(one, onShow)}</List.Item>
        ))}
      </List>
    </section>
  );
}

function sentenceOf(advice: Advice, onShow: (subject: Opened) => void): ReactNode {
  switch (advice.code) {
    case 'PAIR': {
      const { refused, other, field, hour } = advice;
      const isMembers = field?.startsWith('members') === true;
      const what = isMembers ? 'members' : field && labelOf(field).toLowerCase();
      const mostly = [...(what === undefined ? [] : [what]), ...(hour === undefined ? [] : [`around ${hourHere(hour)}:00`])];
      return (
        <>
          <bdi>{refused}</bdi> and <bdi>{other}</bdi> keep changing the same at the same time
          {mostly.length > 0 && `, mostly ${mostly.join(', ')}`}. Have each{' '}
          {isMembers
            ? 'add and remove single members instead of sending the whole list.'
            : 'change only single fields, or let them work at different times.'}
        </>
      );
    }
    case 'STALE_BODIES':
      return (
        <>
          {advice.conflicts.toLocaleString('en')} outdated records would have undone what others changed. Have{' '}
          <bdi>{listOf(advice.authors)}</bdi> send only what changes, not the whole record.
        </>
      );
    case 'NO_OVERLAP': {
      const label = choices.onCleanMerge.find(({ value }) => value === 'apply')?.label;
      return `${advice.conflicts.toLocaleString('en')} of ${advice.of.toLocaleString('en')} conflicts were about different fields. They need not stop anybody: in Policy, set “${ruleLabels.onCleanMerge}” to “${label}”.`;
    }
    case 'ONE_RESOURCE':
      return (
        <>
          More than half of all conflicts are about{' '}
          <Anchor
            component="button"
            type="button"
            size="sm"
            className="wraps"
            disabled={advice.type === 'Agent'}
            onClick={() => onShow({ kind: advice.type === 'Group' ? 'group' : 'person', id: advice.id })}
          >
            <bdi>{advice.name}</bdi>
          </Anchor>
          . Let one agent at a time work on it, or have its changes made together.
        </>
      );
    case 'GAVE_UP':
      return `${advice.conflicts.toLocaleString('en')} changes were given up after several tries, and may be missing: they are listed below as given up.`;
  }
}
