import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { Focus } from './intent.ts';
import { plan } from './plan.ts';
import type { Observation, Step, ToolResult } from './step.ts';
import { understand } from './understand.ts';

/** The tool by which a model asks the person to choose; it ends the turn. */
export const askTool = 'ask_person';

const usage = {
  inputTokens: { total: 0, noCache: 0, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 0, text: 0, reasoning: 0 },
};

/** Says to a model who is open in the window; the offline model reads it back. */
export function withFocus(text: string, focus: Focus | undefined): string {
  return focus ? `${text}\n(Open in the window: ${focus.name.replaceAll(/\s+/g, ' ')}, id ${focus.id})` : text;
}

function readFocus(text: string): { text: string; focus?: Focus | undefined } {
  const match = /\n\(Open in the window: (.*), id (\S+)\)$/.exec(text);
  const [all, name, id] = match ?? [];
  if (all === undefined || name === undefined || id === undefined) return { text };
  return { text: text.slice(0, -all.length), focus: { name, id } };
}

/**
 * A language model that is none: rules which understand everyday requests about people. It stands behind the interface of
 * hosted models, so that the agent around it is the same for both.
 */
export function createOfflineModel(): LanguageModelV4 {
  const stream = async function* (options: LanguageModelV4CallOptions): AsyncGenerator<LanguageModelV4StreamPart> {
    yield { type: 'stream-start', warnings: [] };
    const step = nextStep(options.prompt);
    const text = step.kind === 'call' ? '' : step.text;
    if (text !== '') {
      yield { type: 'text-start', id: 'text' };
      yield { type: 'text-delta', id: 'text', delta: text };
      yield { type: 'text-end', id: 'text' };
    }
    const tool = toolCallOf(step);
    if (tool) yield { type: 'tool-call', toolCallId: crypto.randomUUID(), ...tool };
    yield { type: 'finish', usage, finishReason: { unified: tool ? 'tool-calls' : 'stop', raw: undefined } };
  };
  return {
    specificationVersion: 'v4',
    provider: 'tandem',
    modelId: 'offline-rules',
    supportedUrls: {},
    async doStream(options) {
      return {
        stream: new ReadableStream({
          async start(controller) {
            for await (const part of stream(options)) controller.enqueue(part);
            controller.close();
          },
        }),
      };
    },
    async doGenerate(options) {
      const step = nextStep(options.prompt);
      const tool = toolCallOf(step);
      return {
        content: [
          ...(step.kind === 'call' ? [] : [{ type: 'text' as const, text: step.text }]),
          ...(tool ? [{ type: 'tool-call' as const, toolCallId: crypto.randomUUID(), ...tool }] : []),
        ],
        finishReason: { unified: tool ? 'tool-calls' : 'stop', raw: undefined },
        usage,
        warnings: [],
      };
    },
  };
}

function toolCallOf(step: Step): { toolName: string; input: string } | undefined {
  if (step.kind === 'call') return { toolName: step.tool, input: JSON.stringify(step.args) };
  if (step.kind === 'ask')
    return { toolName: askTool, input: JSON.stringify({ question: step.question, options: step.options }) };
  return undefined;
}

/** The request is the last thing the person said; what came after it are the calls made for it. */
function nextStep(prompt: LanguageModelV4CallOptions['prompt']): Step {
  const lastUser = prompt.findLastIndex(({ role }) => role === 'user');
  const message = prompt[lastUser];
  const said = message?.role === 'user' ? message.content.map((part) => (part.type === 'text' ? part.text : '')).join('') : '';
  const args = new Map<string, unknown>();
  let seen: Observation[] = [];
  // What was asked and answered is a request of its own, which says all of the one before it again.
  let request = readFocus(said);
  for (const { role, content } of prompt.slice(lastUser + 1)) {
    if (role === 'assistant') for (const part of content) if (part.type === 'tool-call') args.set(part.toolCallId, part.input);
    if (role === 'tool')
      for (const part of content)
        if (part.type === 'tool-result' && part.toolName === askTool) {
          const { answer } = (part.output.type === 'json' ? part.output.value : {}) as { answer?: string | null };
          if (typeof answer !== 'string') return { kind: 'say', text: 'Then I leave it as it is.' };
          request = { ...request, text: answer };
          seen = [];
        } else if (part.type === 'tool-result')
          seen.push({
            tool: part.toolName,
            args: (args.get(part.toolCallId) ?? {}) as Record<string, unknown>,
            result: toResult(part.output),
          });
  }
  const { text, focus } = request;
  return plan(understand(text, focus), seen, text);
}

function toResult(output: { type: string; value?: unknown }): ToolResult {
  if (output.type === 'json' && typeof output.value === 'object' && output.value !== null) return output.value as ToolResult;
  return {
    success: false,
    content: { error: typeof output.value === 'string' ? output.value : 'the call failed' },
    metadata: {},
  };
}
