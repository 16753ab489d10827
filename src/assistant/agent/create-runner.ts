import { isStepCount, ToolLoopAgent, type ToolSet } from 'ai';
import type { AssistantMeter, Log } from '../../observe/index.ts';
import type { AgentSettings, SecretStore } from '../agent-settings.ts';
import type { Access, ContextNode, Owner, Usage } from '../context.ts';
import type { ModelBounds } from '../models/guard.ts';
import { metered } from '../models/metered.ts';
import { createModels, type OpenModel } from '../models/models.ts';
import { askTool } from '../offline/index.ts';
import { clientOf, RunError, type Run, type Runner } from '../run.ts';
import { playConflict } from '../show-conflict.ts';
import { askPersonTool, resumeChoices } from './ask-person.ts';
import { Connections } from './connections.ts';
import { DataMarks } from './data.ts';
import { fillScope, messagesOf, type PromptMetadata } from './history.ts';
import { instructionsFor } from './instructions.ts';
import { Permissions } from './permissions.ts';
import { planTool, showPlanTool } from './plan.ts';
import { ToolRunner } from './run-tool.ts';
import { Scope } from './scope.ts';
import { fit, summariseIfLong } from './summarise.ts';
import { offered, openToolbox, ownServer, type Toolbox } from './toolbox.ts';

const stepsMax = 24;

export interface RunnerOptions {
  /** Our own MCP server, for example `http://127.0.0.1:4810/mcp`. */
  mcpUrl: string;
  /** @returns the agent's access key for whom a run acts and what it may do; the same key for the same. */
  keyFor(owner: Owner, access: Access): string;
  settings: Pick<AgentSettings, 'data' | 'onChange'> & { permissions: Pick<AgentSettings['permissions'], 'list' | 'allow'> };
  secrets: SecretStore;
  log: Log;
  /** In [0, 1), for the played conflict. */
  random?: () => number;
  bounds?: Partial<ModelBounds>;
  meter?: Pick<AssistantMeter, 'modelCall'> | undefined;
}

/** Makes the agent: an AI SDK tool loop around a model, whose tools are those of MCP servers and nothing else. */
export function createRunner(options: RunnerOptions): Runner {
  const { random = Math.random } = options;
  const models = createModels(options);
  const connections = new Connections();
  const unsubscribe = options.settings.onChange(() => {
    const { servers } = options.settings.data;
    connections.keepServers([ownServer, ...servers.filter(({ enabled }) => enabled).map(({ id }) => id)]);
  });
  return {
    models: () => models.list(),
    run: (run) => runPrompt(run, { ...options, random, models, connections }),
    close() {
      unsubscribe();
      return connections.close();
    },
  };
}

interface Parts extends RunnerOptions {
  random: () => number;
  models: ReturnType<typeof createModels>;
  connections: Connections;
}

async function runPrompt(run: Run, parts: Parts): ReturnType<Runner['run']> {
  run.signal.throwIfAborted();
  const prompt = promptOf(run).metadata as PromptMetadata;
  const model = metered(await parts.models.open(run.context.modelId), (call) =>
    parts.meter?.modelCall({ ...call, ...clientOf(run) }),
  );
  // The servers that the person has added are the person's, not those of applications that come by REST.
  const withOthers = !model.isRules && prompt.scenario === undefined && run.owner.principal === undefined;
  const toolbox = await openToolbox(parts, run, withOthers);
  const scope = new Scope();
  fillScope(scope, run.nodes());
  const permissions = new Permissions({
    run,
    settings: parts.settings.permissions,
    scope,
    asksItself: model.isRules || prompt.scenario !== undefined,
  });
  const calls = new ToolRunner(run, permissions, scope);
  try {
    if (prompt.scenario === 'conflict') {
      await showConflict(run, prompt, calls, toolbox, parts.random);
      return { finish: 'answered', model: run.context.modelId, usage: { inputTokens: 0, outputTokens: 0 } };
    }
    await Promise.all([calls.resume(toolbox), resumeChoices(run)]);
    return await answer(run, prompt, { model, toolbox, scope, calls });
  } catch (error) {
    run.signal.throwIfAborted();
    throw error;
  } finally {
    await calls.settled();
    toolbox.release();
  }
}

/** The node of the prompt that the run answers. */
function promptOf(run: Run): ContextNode {
  const prompts = run.nodes().filter(({ contentType, metadata }) => contentType === 'text' && metadata.role === 'user');
  const found = prompts.findLast(({ metadata }) => metadata.task === run.id) ?? prompts.at(-1);
  if (!found) throw new RunError('NO_PROMPT', 'There is nothing to answer in this conversation.');
  return found;
}

async function answer(
  run: Run,
  prompt: PromptMetadata,
  { model, toolbox, scope, calls }: { model: OpenModel; toolbox: Toolbox; scope: Scope; calls: ToolRunner },
): ReturnType<Runner['run']> {
  const marks = model.isRules ? undefined : new DataMarks();
  let nodes = run.nodes();
  // Rules say the same again; what they had said already stands.
  const last = nodes.at(-1);
  if (model.isRules && last?.contentType === 'text' && last.metadata.role === 'assistant' && last.metadata.task === run.id)
    return { finish: 'answered', model: model.info.id, usage: { inputTokens: 0, outputTokens: 0 } };
  const tools: ToolSet = { [askTool]: askPersonTool(run, scope), ...(marks && { [planTool]: showPlanTool(run) }) };
  const choice = offered(toolbox, marks ? model.info.contextTokens * 0.4 : Infinity);
  for (const name of choice.names) {
    const served = toolbox.tools.get(name);
    if (served) tools[name] = calls.toTool(served, marks);
  }
  const instructions =
    marks && instructionsFor({ marks, today: new Date(), prompt, missing: toolbox.missing, added: systemTexts(nodes) });
  const overhead = (instructions?.length ?? 0) / 3 + choice.tokens;
  const used: Usage = { inputTokens: 0, outputTokens: 0 };
  add(used, (await summariseIfLong(run, model, marks, overhead)) ?? { inputTokens: 0, outputTokens: 0 });
  nodes = run.nodes();
  const before =
    Math.max(-1, ...nodes.map(({ metadata }) => (metadata.task === run.id ? Number(metadata['step'] ?? -1) : -1))) + 1;
  const agent = new ToolLoopAgent({
    model: model.model,
    tools,
    stopWhen: isStepCount(stepsMax),
    // The client of the endpoint retries, and knows when.
    maxRetries: 0,
    // Errors are parts of the stream too; the default writes them to the console.
    onError: () => {},
    prepareStep: ({ stepNumber, messages }) => {
      calls.step = before + stepNumber;
      const fitted = marks && fit(messages, model.info.contextTokens * 0.9 - overhead);
      return fitted ? { messages: fitted } : undefined;
    },
    ...(instructions !== undefined && { instructions }),
  });
  let finish: 'answered' | 'steps' = 'answered';
  const { stream } = await agent.stream({
    messages: messagesOf(nodes, marks),
    abortSignal: run.signal,
  });
  for await (const part of stream) {
    if (part.type === 'text-delta') run.say(part.text);
    else if (part.type === 'error') throw part.error;
    else if (part.type === 'abort') run.signal.throwIfAborted();
    else if (part.type === 'finish-step') {
      const usage = model.usage(part.usage);
      add(used, usage);
      await run.use(usage);
      finish = part.finishReason === 'tool-calls' ? 'steps' : 'answered';
    }
  }
  run.signal.throwIfAborted();
  if (finish === 'steps') run.say(`I have stopped after ${stepsMax} steps. Say “go on” if I should continue.`);
  return { finish, model: model.info.id, usage: used };
}

function add(total: Usage, { inputTokens, outputTokens, cost }: Usage): void {
  total.inputTokens += inputTokens;
  total.outputTokens += outputTokens;
  if (cost !== undefined) total.cost = (total.cost ?? 0) + cost;
}

function systemTexts(nodes: readonly ContextNode[]): string[] {
  return nodes
    .filter(({ metadata, contentType }) => metadata.role === 'system' && contentType !== 'summary')
    .map(({ content }) => content);
}

/** The "Show me a conflict" button: the agent changes the person who is open, as any agent would. */
async function showConflict(
  run: Run,
  prompt: PromptMetadata,
  calls: ToolRunner,
  toolbox: Toolbox,
  random: () => number,
): Promise<void> {
  const { userId, fields } = prompt;
  if (typeof userId !== 'string' || !Array.isArray(fields))
    throw new RunError('INVALID', 'A conflict is played on a userId and fields.');
  await playConflict({
    userId,
    fields: fields.map(String),
    random,
    say: (text) => run.say(text),
    async call(tool, args) {
      const served = toolbox.find(ownServer, tool);
      if (!served) throw new RunError('TOOLS_UNREACHABLE', `Tandem has no tool ${tool} for this agent.`);
      calls.step++;
      const { result, summary } = await calls.call(served, args, run.signal);
      if (typeof result === 'object' && result !== null) return result as never;
      return { success: false, content: { error: summary ?? 'the call failed' }, metadata: {} };
    },
  });
}
