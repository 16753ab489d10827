import { Badge, Button, Card, Group, NumberInput, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import type { RunSnapshot, ScenarioInfo } from '../../api/index.ts';
import { client, messageOf, queryClient, trpc } from '../connection.ts';

interface Props {
  scenarios: readonly ScenarioInfo[];
  runs: readonly RunSnapshot[];
  onShow: (id: string) => void;
}

/** All scenarios, and the runs that are played or were. */
export function ScenarioList({ scenarios, runs, onShow }: Props) {
  const [starting, setStarting] = useState<string>();
  const start = async ({ name }: ScenarioInfo, agents: number | undefined) => {
    setStarting(name);
    try {
      const { id } = await client.scenarios.start.mutate({ name, speed: '1x', ...(agents !== undefined && { agents }) });
      void queryClient.invalidateQueries(trpc.tenants.list.pathFilter());
      onShow(id);
    } catch (error) {
      notifications.show({ color: 'red', message: messageOf(error) });
      setStarting(undefined);
    }
  };
  return (
    <>
      <Text size="sm" maw={720}>
        Watch agents and people change the same records at the same time. Everything is real: MCP clients with keys of their own,
        against this Tandem, in a tenant that is made for it. Nothing of yours is touched.
      </Text>
      <ul className="scenario-cards">
        {scenarios.map((scenario) => (
          <ScenarioCard
            key={scenario.name}
            scenario={scenario}
            isStarting={starting === scenario.name}
            isBusy={starting !== undefined}
            onStart={(agents) => void start(scenario, agents)}
          />
        ))}
      </ul>
      {runs.length > 0 && (
        <section aria-labelledby="runs">
          <Title order={3} size="h5" id="runs" mb="xs">
            Runs
          </Title>
          <ul className="scenario-runs">
            {runs.map((run) => (
              <li key={run.id}>
                <Button variant="default" size="compact-sm" onClick={() => onShow(run.id)}>
                  Show {run.title}
                </Button>
                <Badge variant="outline" color="gray" c="var(--mantine-color-text)">
                  {runText(run)}
                </Badge>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function ScenarioCard({
  scenario,
  isStarting,
  isBusy,
  onStart,
}: {
  scenario: ScenarioInfo;
  isStarting: boolean;
  isBusy: boolean;
  onStart: (agents: number | undefined) => void;
}) {
  const { title, sentence, agents } = scenario;
  const [count, setCount] = useState(agents?.usual);
  return (
    <Card component="li" withBorder padding="md" className="scenario-card">
      <Title order={3} size="h5">
        {title}
      </Title>
      <Text size="sm">{sentence}</Text>
      <Group gap="sm" align="flex-end" mt="auto">
        {agents && (
          <NumberInput
            label="Agents"
            w={96}
            min={agents.min}
            max={agents.max}
            clampBehavior="strict"
            allowDecimal={false}
            value={count ?? ''}
            onChange={(value) => setCount(typeof value === 'number' ? value : undefined)}
            aria-label={`Agents of ${title}`}
          />
        )}
        <Button
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          loading={isStarting}
          disabled={isBusy && !isStarting}
          onClick={() => onStart(count)}
          aria-label={`Play ${title}`}
        >
          Play
        </Button>
      </Group>
    </Card>
  );
}

function runText({ state, result }: RunSnapshot): string {
  if (result) return result.lostUpdates === 0 ? 'Done, no update lost' : `Done, ${result.lostUpdates} lost`;
  return { running: 'Playing', paused: 'Paused', done: 'Done', failed: 'Failed', stopped: 'Stopped' }[state];
}
