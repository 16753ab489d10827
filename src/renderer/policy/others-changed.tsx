import { Button, Group, List, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { Difference } from './rules.ts';
import { ruleLabels, ruleText } from './words.ts';

interface Props {
  differences: readonly Difference[];
  onCatchUp: () => void;
  onDiscard: () => void;
}

/** Somebody saved the policy while it was edited here: what they changed, and the ways on. */
export function OthersChanged({ differences, onCatchUp, onDiscard }: Props) {
  return (
    <div className="banner" role="status" aria-label="Changed meanwhile">
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <IconAlertTriangle size={20} aria-hidden className="warning-icon" />
        <div>
          <Text fw={600} size="sm">
            Somebody saved this policy while you were editing
          </Text>
          <List size="sm" mt={4}>
            {differences.map(({ client, name, before, after }) => (
              <List.Item key={`${client ?? ''} ${name}`} className="wraps">
                {client !== undefined && `${client}, `}
                {ruleLabels[name]}: <s>{ruleText(name, before)}</s> → {ruleText(name, after)}
              </List.Item>
            ))}
          </List>
          <Group gap="xs" mt="xs">
            <Button size="compact-sm" onClick={onCatchUp}>
              Put my changes on top
            </Button>
            <Button size="compact-sm" variant="default" onClick={onDiscard}>
              Take theirs, without mine
            </Button>
          </Group>
        </div>
      </Group>
    </div>
  );
}
