import { NavLink, NumberInput, Stack, Switch, Text, Title } from '@mantine/core';
import { IconClockQuestion, IconRobot, IconRobotFace, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { Issue } from '../../directory/pure.ts';
import { NewException } from './new-exception.tsx';
import { placeOf, type PolicyDraft, type RuleName, type Rules } from './rules.ts';
import { RulesForm } from './rules-form.tsx';
import { ruleLabels } from './words.ts';

interface Props {
  tenant: string;
  draft: PolicyDraft;
  /** What the directory found wrong, by path. */
  issues: readonly Issue[];
  onEdit: (change: (draft: PolicyDraft) => PolicyDraft) => void;
}

/** Whose rules are shown: of all agents, of one client, how people are asked, or a new exception. */
type Place = 'all' | 'asking' | 'new' | { client: string };

/** The rules: of all agents, what differs for one client, and how people are asked. */
export function PolicyForm({ tenant, draft, issues, onEdit }: Props) {
  const [wanted, setPlace] = useState<Place>('all');
  const index = typeof wanted === 'object' ? draft.clients.findIndex(({ client }) => client === wanted.client) : -1;
  // An exception may be gone, discarded here or removed by others.
  const place = typeof wanted === 'object' && index < 0 ? 'all' : wanted;
  const errors = (at: number | undefined) =>
    new Map(
      issues.flatMap(({ path, message }) => {
        const { index, name } = placeOf(path);
        return index === at ? [[name, message] as const] : [];
      }),
    );
  const exception = draft.clients[index];
  const setRule = (name: RuleName, value: Rules[RuleName] | undefined) =>
    onEdit((before) => {
      if (index < 0) return { ...before, allAgents: { ...before.allAgents, [name]: value } };
      const clients = before.clients.map((each, at) => {
        if (at !== index) return each;
        const { [name]: _old, ...others } = each.rules;
        return { ...each, rules: value === undefined ? others : { ...others, [name]: value } };
      });
      return { ...before, clients };
    });
  return (
    <div className="policy-panes">
      <nav aria-label="Whom the rules are for" className="policy-nav">
        <Whose
          label="All agents"
          icon={<IconRobot size={16} aria-hidden />}
          isOpen={place === 'all'}
          onOpen={() => setPlace('all')}
        />
        <Whose
          label="How people are asked"
          icon={<IconClockQuestion size={16} aria-hidden />}
          isOpen={place === 'asking'}
          onOpen={() => setPlace('asking')}
        />
        <Text size="xs" c="dimmed" mt="sm" px="xs">
          Exceptions
        </Text>
        {draft.clients.map(({ client }) => (
          <Whose
            key={client}
            label={client}
            icon={<IconRobotFace size={16} aria-hidden />}
            isOpen={typeof place === 'object' && place.client === client}
            onOpen={() => setPlace({ client })}
          />
        ))}
        <Whose
          label="Add an exception"
          icon={<IconPlus size={16} aria-hidden />}
          isOpen={place === 'new'}
          onOpen={() => setPlace('new')}
        />
      </nav>
      <div className="scroll policy-rules" key={typeof place === 'object' ? `client ${place.client}` : place}>
        {place === 'all' && (
          <RulesForm tenant={tenant} title="All agents" rules={draft.allAgents} errors={errors(undefined)} onRule={setRule} />
        )}
        {typeof place === 'object' && exception && (
          <RulesForm
            tenant={tenant}
            title={exception.client}
            rules={{ ...draft.allAgents, ...exception.rules }}
            own={exception.rules}
            errors={errors(index)}
            onRule={setRule}
            onRemove={() => {
              onEdit((before) => ({ ...before, clients: before.clients.filter((_, at) => at !== index) }));
              setPlace('all');
            }}
          />
        )}
        {place === 'asking' && <AskingForm draft={draft} errors={errors(undefined)} onEdit={onEdit} />}
        {place === 'new' && (
          <NewException
            tenant={tenant}
            taken={draft.clients.map(({ client }) => client)}
            onAdd={(client) => {
              onEdit((before) => ({ ...before, clients: [...before.clients, { client, rules: {} }] }));
              setPlace({ client });
            }}
            onCancel={() => setPlace('all')}
          />
        )}
      </div>
    </div>
  );
}

function Whose(props: { label: string; icon: React.ReactNode; isOpen: boolean; onOpen: () => void }) {
  const { label, icon, isOpen, onOpen } = props;
  return (
    <NavLink
      component="button"
      type="button"
      label={<span className="wraps">{label}</span>}
      leftSection={icon}
      active={isOpen}
      aria-current={isOpen ? 'page' : undefined}
      onClick={onOpen}
      className="policy-whose"
    />
  );
}

function AskingForm({ draft, errors, onEdit }: Pick<Props, 'draft' | 'onEdit'> & { errors: ReadonlyMap<string, string> }) {
  const { askClient, deadlineMinutes } = draft;
  const number = (name: 'waitSeconds' | 'deadlineMinutes', description: string, min: number, max: number) => (
    <NumberInput
      label={`${ruleLabels[name]} (${name === 'waitSeconds' ? 'seconds' : 'minutes'})`}
      description={description}
      error={errors.get(name)}
      value={draft[name]}
      onChange={(value) => typeof value === 'number' && onEdit((before) => ({ ...before, [name]: value }))}
      min={min}
      max={max}
      clampBehavior="none"
      allowDecimal={false}
      allowNegative={false}
      maw={340}
    />
  );
  return (
    <Stack gap="lg">
      <Title order={3} size="h4">
        How people are asked
      </Title>
      <Switch
        label={ruleLabels.askClient}
        description="A client answers for its user: switch it off where only people at Tandem are to decide."
        checked={askClient}
        onChange={({ currentTarget: { checked } }) => onEdit((before) => ({ ...before, askClient: checked }))}
      />
      {number('waitSeconds', 'Then it says that the question is open, and goes on. 300 at most.', 0, 300)}
      {number(
        'deadlineMinutes',
        `Then nothing is changed, and the agent is told. Now that is ${days(deadlineMinutes)}; 30 days at most.`,
        1,
        43_200,
      )}
    </Stack>
  );
}

function days(minutes: number): string {
  const hours = minutes / 60;
  const rounded = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 1 });
  if (hours < 2) return `${rounded(minutes)} minutes`;
  return hours < 48 ? `${rounded(hours)} hours` : `${rounded(hours / 24)} days`;
}
