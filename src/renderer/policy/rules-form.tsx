import { Button, Group, NativeSelect, NumberInput, Stack, Switch, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { FieldError } from './field-error.tsx';
import { AttributesField, GroupsField } from './list-fields.tsx';
import { QuietHoursField } from './quiet-hours-field.tsx';
import type { RuleName, Rules } from './rules.ts';
import { choices, ruleLabels, ruleText } from './words.ts';

interface Props {
  tenant: string;
  title: string;
  /** What holds. */
  rules: Rules;
  /** Of an exception: what it says itself. */
  own?: Partial<Rules>;
  errors: ReadonlyMap<string, string>;
  onRule: (name: RuleName, value: Rules[RuleName] | undefined) => void;
  onRemove?: () => void;
}

const sections: { title: string; names: RuleName[] }[] = [
  { title: 'What needs a person', names: ['delete', 'deactivate', 'attributes', 'groups', 'perCall', 'perHour'] },
  { title: 'When others changed it, too', names: ['onCleanMerge', 'onOverlap', 'staleBody', 'expectedVersion', 'retryBudget'] },
  { title: 'Whether and when', names: ['readOnly', 'quietHours'] },
];

/** The rules of one place, in plain words. Of an exception, each is as for all agents until it gets its own. */
export function RulesForm(props: Props) {
  const { title, own, onRemove } = props;
  return (
    <Stack gap="xl">
      <Group justify="space-between" gap="sm">
        <Title order={3} size="h4" className="wraps">
          {title}
        </Title>
        {onRemove && (
          <Button variant="default" size="compact-sm" onClick={onRemove}>
            Remove this exception
          </Button>
        )}
      </Group>
      {own && <Text size="sm">Switch on what is to be otherwise for this client. Everything else is as for all agents.</Text>}
      {sections.map(({ title, names }) => (
        <section key={title} aria-label={title}>
          <Title order={4} size="h5" mb="sm">
            {title}
          </Title>
          <Stack gap="md">
            {names.map((name) => (
              <Rule key={name} name={name} {...props} />
            ))}
          </Stack>
        </section>
      ))}
    </Stack>
  );
}

function Rule(props: Props & { name: RuleName }) {
  const { name, rules, own, onRule } = props;
  if (!own) return <Control {...props} />;
  const isOwn = own[name] !== undefined;
  return (
    <div className="policy-own" data-own={isOwn}>
      <Switch
        label={`${ruleLabels[name]}: own rule`}
        checked={isOwn}
        onChange={({ currentTarget: { checked } }) => onRule(name, checked ? rules[name] : undefined)}
      />
      {isOwn ? (
        <Control {...props} />
      ) : (
        <Text size="sm" c="dimmed" className="wraps">
          {ruleText(name, rules[name])}
        </Text>
      )}
    </div>
  );
}

function Control({ tenant, name, rules, errors, onRule }: Props & { name: RuleName }): ReactNode {
  const common = { label: ruleLabels[name], error: errors.get(name) };
  switch (name) {
    case 'readOnly':
    case 'delete':
    case 'deactivate':
    case 'onCleanMerge':
    case 'onOverlap':
    case 'expectedVersion':
    case 'staleBody': {
      const options = choices[name];
      return (
        <NativeSelect
          {...common}
          maw={380}
          data={options.map(({ value, label }) => ({ value: String(value), label }))}
          value={String(rules[name])}
          onChange={({ currentTarget }) => {
            const chosen = options.find(({ value }) => String(value) === currentTarget.value);
            if (chosen) onRule(name, chosen.value);
          }}
        />
      );
    }
    case 'attributes':
      return <AttributesField {...common} tenant={tenant} value={rules[name]} onChange={(value) => onRule(name, value)} />;
    case 'groups':
      return <GroupsField {...common} tenant={tenant} value={rules[name]} onChange={(value) => onRule(name, value)} />;
    case 'perCall':
    case 'perHour':
      return (
        <NumberInput
          {...common}
          description={
            name === 'perCall'
              ? 'If it would be more people and groups, the whole call needs approval.'
              : 'Each person or group beyond this needs approval.'
          }
          placeholder="Any number"
          maw={380}
          value={rules[name] ?? ''}
          onChange={(value) => onRule(name, typeof value === 'number' ? value : null)}
          min={1}
          max={100_000}
          clampBehavior="none"
          allowDecimal={false}
          allowNegative={false}
        />
      );
    case 'retryBudget': {
      const { retries, perMinutes } = rules[name];
      const number = (label: string, value: number, set: (value: number) => Rules['retryBudget']) => (
        <NumberInput
          aria-label={label}
          w={110}
          value={value}
          onChange={(next) => typeof next === 'number' && onRule(name, set(next))}
          min={1}
          clampBehavior="none"
          allowDecimal={false}
          allowNegative={false}
        />
      );
      return (
        <fieldset>
          <legend>{ruleLabels[name]}</legend>
          <Group gap="xs">
            {number('Times', retries, (next) => ({ retries: next, perMinutes }))}
            <Text size="sm">times in</Text>
            {number('Minutes', perMinutes, (next) => ({ retries, perMinutes: next }))}
            <Text size="sm">minutes; past that, the agent is told to wait</Text>
          </Group>
          <FieldError error={common.error} />
        </fieldset>
      );
    }
    case 'quietHours':
      return <QuietHoursField value={rules[name]} error={common.error} onChange={(value) => onRule(name, value)} />;
  }
}
