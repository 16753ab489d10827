import type { AssistantContexts } from '../assistant/index.ts';
import type { Actor, Directory } from '../directory/index.ts';
import type { McpDoor } from '../mcp/index.ts';
import type { ReadFigure } from '../observe/host.ts';

/** Metrics that are read from the rooms when somebody asks for them. */
export function readFigures({
  directory,
  mcp,
  contexts,
  administrator,
  eventStreams,
  eventsWaiting,
  alarms,
}: {
  directory: Directory;
  mcp: McpDoor;
  contexts: AssistantContexts;
  administrator: (tenant: string) => Actor;
  /** How many there are in each state. */
  eventStreams: () => Record<string, number>;
  eventsWaiting: () => number;
  /** Ids of those that are raised. */
  alarms: () => readonly string[];
}): ReadFigure[] {
  const one = (value: number) => [{ value }];
  const by = (label: string, values: Record<string, number>) =>
    Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }));
  const gauge = (name: string, help: string, read: ReadFigure['read'], labels: string[] = []): ReadFigure => ({
    name,
    help,
    kind: 'gauge',
    labels,
    read,
  });
  const counter = (name: string, help: string, labels: string[], read: ReadFigure['read']): ReadFigure => ({
    name,
    help,
    kind: 'counter',
    labels,
    read,
  });
  const types = () => Object.entries(contexts.stats().types);
  return [
    gauge('tandem_directory_queue_depth', 'Writes that wait for a commit.', () => one(directory.load.writesWaiting())),
    gauge('tandem_mcp_sessions', 'Open sessions of MCP clients of the 2025 revisions.', () => one(mcp.counts().sessions)),
    gauge('tandem_mcp_subscriptions', 'Resources that these sessions subscribed to.', () => one(mcp.counts().subscriptions)),
    gauge('tandem_escalations_waiting', 'What waits for an answer of people.', () =>
      one(
        directory.tenants
          .list()
          .filter(({ state }) => state === 'active')
          .reduce((sum, { id }) => sum + directory.escalations.counts(administrator(id)).pending, 0),
      ),
    ),
    gauge('tandem_event_streams', 'Receivers of change events, by state.', () => by('state', eventStreams()), ['state']),
    gauge('tandem_change_events_waiting', 'Changes that receivers have not got yet; counted up to a bound for each.', () =>
      one(eventsWaiting()),
    ),
    gauge('tandem_alarms', 'Alarms that are raised.', () => by('alarm', Object.fromEntries(alarms().map((id) => [id, 1]))), [
      'alarm',
    ]),
    gauge('tandem_task_queue_depth', "The assistant's tasks that wait.", () => by('priority', contexts.stats().queue), [
      'priority',
    ]),
    gauge('tandem_tasks_running', "The assistant's tasks that run.", () => one(contexts.stats().running)),
    gauge('tandem_tasks_waiting_for_answer', 'Of these, the ones that wait for a person.', () =>
      one(contexts.stats().waitingForAnswer),
    ),
    gauge('tandem_contexts', 'Conversations of the assistant.', () => one(contexts.stats().contexts)),
    gauge('tandem_context_nodes', 'Nodes of all conversations.', () => one(contexts.stats().nodes)),
    gauge('tandem_context_characters', 'Characters of all nodes.', () => one(contexts.stats().size)),
    counter('tandem_tasks_total', "The assistant's tasks that have ended.", ['type', 'status'], () =>
      types().flatMap(([type, counts]) =>
        (['completed', 'failed', 'cancelled'] as const).map((status) => ({ labels: { type, status }, value: counts[status] })),
      ),
    ),
    counter('tandem_task_retries_total', 'Times that a task was tried again for a passing reason.', ['type'], () =>
      by('type', Object.fromEntries(types().map(([type, { retried }]) => [type, retried]))),
    ),
  ];
}
