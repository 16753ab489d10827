import { Paper, Text, VisuallyHidden } from '@mantine/core';
import { IconArrowRight, IconCheck, IconCircle } from '@tabler/icons-react';
import type { RunPlan } from '../../../api/index.ts';

const looks = {
  todo: { icon: IconCircle, says: 'To do' },
  doing: { icon: IconArrowRight, says: 'At work' },
  done: { icon: IconCheck, says: 'Done' },
} as const;

/** What the agent is going to do, and how far it is. */
export function PlanList({ plan }: { plan: RunPlan }) {
  return (
    <Paper withBorder radius="md" px="sm" py={6} component="section" aria-label="Plan">
      <Text size="sm" fw={600}>
        Plan
      </Text>
      <ol className="plan">
        {plan.steps.map(({ text, state }, index) => {
          const { icon: Icon, says } = looks[state];
          return (
            // Steps have no other name than their place.
            // oxlint-disable-next-line react/no-array-index-key
            <li key={index} data-state={state}>
              <Icon size={14} aria-hidden />
              <VisuallyHidden>{says}: </VisuallyHidden>
              <bdi className="wraps">{text}</bdi>
            </li>
          );
        })}
      </ol>
    </Paper>
  );
}
