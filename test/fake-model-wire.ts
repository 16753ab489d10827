import type { Said } from './fake-model.ts';

const piecesOf = ({ text = [] }: Said): string[] => (typeof text === 'string' ? (text === '' ? [] : [text]) : text);
const callsOf = ({ calls = [] }: Said) =>
  calls.map(({ name, namespace, args, id }, index) => ({
    id: id ?? `call_${Math.random().toString(36).slice(2)}_${index}`,
    name,
    namespace,
    json: JSON.stringify(args),
  }));
const usageOf = ({ usage = { input: 100, output: 20 } }: Said) => usage;

const data = (event: object) => `data: ${JSON.stringify(event)}\n\n`;

/** The chunks of a streamed chat completion (OpenAI). */
export function openaiChunks(said: Said, model: string): string[] {
  const chunk = (choice: object) =>
    data({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1,
      model,
      choices: [{ index: 0, finish_reason: null, ...choice }],
    });
  const { input, output } = usageOf(said);
  const calls = callsOf(said).flatMap(({ id, name, json }, index) => [
    chunk({ delta: { tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] } }),
    ...halves(json).map((part) => chunk({ delta: { tool_calls: [{ index, function: { arguments: part } }] } })),
  ]);
  return [
    chunk({ delta: { role: 'assistant', content: '' } }),
    ...piecesOf(said).map((content) => chunk({ delta: { content } })),
    ...calls,
    chunk({ delta: {}, finish_reason: calls.length > 0 ? 'tool_calls' : 'stop' }),
    data({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1,
      model,
      choices: [],
      usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
    }),
    'data: [DONE]\n\n',
  ];
}

/** A chat completion that is not streamed (OpenAI). */
export function openaiCompletion(said: Said, model: string): object {
  const { input, output } = usageOf(said);
  const calls = callsOf(said).map(({ id, name, json }) => ({ id, type: 'function', function: { name, arguments: json } }));
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model,
    choices: [
      {
        index: 0,
        finish_reason: calls.length > 0 ? 'tool_calls' : 'stop',
        message: { role: 'assistant', content: piecesOf(said).join(''), ...(calls.length > 0 && { tool_calls: calls }) },
      },
    ],
    usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
  };
}

/** The events of a streamed message (Anthropic). */
export function anthropicEvents(said: Said, model: string): string[] {
  const event = (type: string, more: object) => `event: ${type}\n${data({ type, ...more })}`;
  const { input, output } = usageOf(said);
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null };
  const texts = piecesOf(said);
  const calls = callsOf(said);
  const block = (index: number, start: object, deltas: object[]) => [
    event('content_block_start', { index, content_block: start }),
    ...deltas.map((delta) => event('content_block_delta', { index, delta })),
    event('content_block_stop', { index }),
  ];
  return [
    event('message_start', { message: { ...message, usage: { input_tokens: input, output_tokens: 1 } } }),
    ...(texts.length > 0
      ? block(
          0,
          { type: 'text', text: '' },
          texts.map((text) => ({ type: 'text_delta', text })),
        )
      : []),
    ...calls.flatMap(({ id, name, json }, number) =>
      block(
        number + (texts.length > 0 ? 1 : 0),
        { type: 'tool_use', id, name, input: {} },
        halves(json).map((part) => ({ type: 'input_json_delta', partial_json: part })),
      ),
    ),
    event('message_delta', {
      delta: { stop_reason: calls.length > 0 ? 'tool_use' : 'end_turn', stop_sequence: null },
      usage: { output_tokens: output },
    }),
    event('message_stop', {}),
  ];
}

/** A message that is not streamed (Anthropic). */
export function anthropicMessage(said: Said, model: string): object {
  const { input, output } = usageOf(said);
  const calls = callsOf(said);
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model,
    content: [
      ...piecesOf(said).map((text) => ({ type: 'text', text })),
      ...calls.map(({ id, name, json }) => ({ type: 'tool_use', id, name, input: JSON.parse(json) as unknown })),
    ],
    stop_reason: calls.length > 0 ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: input, output_tokens: output },
  };
}

/** The events of a streamed response of OpenAI's Responses API, as far as Codex reads them. */
export function responsesEvents(said: Said, model: string): string[] {
  const event = (type: string, more: object) => `event: ${type}\n${data({ type, ...more })}`;
  const { input, output } = usageOf(said);
  const response = { id: `resp_${Math.random().toString(36).slice(2)}`, object: 'response', model, output: [] };
  const text = piecesOf(said).join('');
  const message = { type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text, annotations: [] }] };
  const calls = callsOf(said).map(({ id, name, namespace, json }) => ({
    type: 'function_call',
    id: `fc_${id}`,
    call_id: id,
    name,
    ...(namespace !== undefined && { namespace }),
    arguments: json,
  }));
  const items = [...(text === '' ? [] : [message]), ...calls];
  return [
    event('response.created', { response }),
    ...items.flatMap((item, output_index) => [
      event('response.output_item.added', { output_index, item }),
      event('response.output_item.done', { output_index, item }),
    ]),
    event('response.completed', {
      response: {
        ...response,
        output: items,
        usage: {
          input_tokens: input,
          input_tokens_details: { cached_tokens: 0 },
          output_tokens: output,
          output_tokens_details: { reasoning_tokens: 0 },
          total_tokens: input + output,
        },
      },
    }),
  ];
}

/** A response of the Responses API that is not streamed. */
export function responsesWhole(said: Said, model: string): object {
  const [, last = '{}'] = responsesEvents(said, model).at(-1)?.split('\ndata: ') ?? [];
  return (JSON.parse(last) as { response: object }).response;
}

/** Real servers break arguments anywhere. */
function halves(json: string): string[] {
  const middle = Math.ceil(json.length / 2);
  return [json.slice(0, middle), json.slice(middle)].filter((part) => part !== '');
}
