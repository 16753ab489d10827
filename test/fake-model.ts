import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  anthropicEvents,
  anthropicMessage,
  openaiChunks,
  openaiCompletion,
  responsesEvents,
  responsesWhole,
} from './fake-model-wire.ts';

/** What a scripted model says: text in pieces, and calls of tools. */
export interface Said {
  text?: string | string[];
  /** `namespace` only in the Responses API. */
  calls?: { name: string; namespace?: string | undefined; args: unknown; id?: string }[];
  usage?: { input: number; output: number };
}

/** How a model server can fail. Those of a stream fail after `text`. */
export type Fault =
  | { fault: 'status'; status: number; headers?: Record<string, string>; message?: string }
  /** Ends the connection in the middle of a chunk. */
  | { fault: 'cut'; text?: string }
  /** Ends the stream properly, but without its end. */
  | { fault: 'ended'; text?: string }
  | { fault: 'malformed'; text?: string }
  /** Never answers, or says no more. */
  | { fault: 'silent'; text?: string }
  | { fault: 'redirect'; to: string }
  /** Each piece comes so late. */
  | ({ fault: 'drip'; ms: number } & Said);

export interface FakeRequest {
  api: 'openai' | 'anthropic' | 'responses';
  headers: Record<string, string | string[] | undefined>;
  model: string;
  /** The names of the tools that are offered. */
  tools: string[];
  /** The last thing that was sent: the person's words, or the results of tools. */
  last: string;
  /** Results of tools since the person's last words, as text, the last at the end. */
  results: string[];
  /** The whole request, as JSON text. */
  text: string;
  body: Record<string, unknown>;
  /** Whether the client ended it before it was answered. */
  aborted: boolean;
}

export type Script = (request: FakeRequest, number: number) => Said | Fault | Promise<Said | Fault>;

export interface FakeModel {
  /** The base address, for either provider. */
  url: string;
  requests: FakeRequest[];
  script: Script;
  close(): Promise<void>;
}

/**
 * A model server on 127.0.0.1 that speaks the wire formats of OpenAI's chat completions and responses, and Anthropic's messages, streaming and
 * tool calls included, and says what a script tells it.
 * @param options.key without it in a request, the answer is 401.
 */
export async function startFakeModel(
  script: Script,
  options: { key?: string; models?: string[]; port?: number } = {},
): Promise<FakeModel> {
  const fake: FakeModel = { url: '', requests: [], script, close: async () => {} };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { key, models = ['fake-1'] } = options;
    const sent = request.headers['x-api-key'] ?? request.headers.authorization?.replace(/^Bearer /, '');
    if (key !== undefined && sent !== key) return refuse(response, 401, `Incorrect API key provided: ${String(sent)}`);
    const path = new URL(request.url ?? '', 'http://x').pathname;
    if (path === '/v1/models') {
      const list = { object: 'list', data: models.map((id) => ({ id, object: 'model', type: 'model' })) };
      return void response.setHeader('content-type', 'application/json').end(JSON.stringify(list));
    }
    const api = apis[path];
    if (!api) return refuse(response, 404, 'no such path');
    const body = JSON.parse(await textOf(request)) as Record<string, unknown>;
    const told = toldOf(api, request, body);
    fake.requests.push(told);
    response.on('close', () => (told.aborted = !response.writableFinished));
    const said = await fake.script(told, fake.requests.length);
    await send(response, body, said, wires[api]);
  };
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  fake.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  fake.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return fake;
}

/** A model that says one thing after the other, whatever it is asked. */
export function inTurn(...said: (Said | Fault)[]): Script {
  let next = 0;
  return () => said[next++] ?? { text: 'That is all.' };
}

const apis: Record<string, FakeRequest['api']> = {
  '/v1/chat/completions': 'openai',
  '/v1/messages': 'anthropic',
  '/v1/responses': 'responses',
};

interface Wire {
  whole: (said: Said, model: string) => object;
  pieces: (said: Said, model: string) => string[];
}

const wires: Record<FakeRequest['api'], Wire> = {
  openai: { whole: openaiCompletion, pieces: openaiChunks },
  anthropic: { whole: anthropicMessage, pieces: anthropicEvents },
  responses: { whole: responsesWhole, pieces: responsesEvents },
};

async function send(response: ServerResponse, body: Record<string, unknown>, said: Said | Fault, wire: Wire): Promise<void> {
  const model = String(body['model']);
  if ('fault' in said && said.fault === 'status') return refuse(response, said.status, said.message ?? 'a fault', said.headers);
  if ('fault' in said && said.fault === 'redirect') return void response.writeHead(307, { location: said.to }).end();
  if ('fault' in said && said.fault === 'silent' && said.text === undefined) return;
  if (body['stream'] !== true) {
    if ('fault' in said && said.fault !== 'drip') return void response.destroy();
    return void response.setHeader('content-type', 'application/json').end(JSON.stringify(wire.whole(said, model)));
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if ('fault' in said && said.fault !== 'drip') {
    const { fault, text } = said;
    // All but the pieces that end the answer.
    const begun = text === undefined ? [] : wire.pieces({ text }, model).slice(0, -3);
    response.write(begun.join(''));
    await sleep(20);
    if (fault === 'malformed') response.end('data: {"choices": [}\n\n');
    else if (fault === 'ended') response.end();
    else if (fault === 'cut') {
      response.write('data: {"id":"x","choices":[{"del');
      await sleep(20);
      response.destroy();
    }
    return;
  }
  for (const piece of wire.pieces(said, model)) {
    if (response.destroyed) return;
    response.write(piece);
    if ('fault' in said) await sleep(said.ms);
  }
  response.end();
}

function refuse(response: ServerResponse, status: number, message: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ type: 'error', error: { type: 'fake', message } }));
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return text;
}

interface WireTool {
  name?: string;
  function?: { name: string };
  /** Of the Responses API: the tools of a namespace. */
  tools?: { name?: string; function?: { name: string } }[];
}

interface WireMessage {
  role?: string;
  /** Of the Responses API: what else than a message it is. */
  type?: string;
  content?: unknown;
  /** Of the Responses API: a tool's result. */
  output?: unknown;
}

function toldOf(api: FakeRequest['api'], { headers }: IncomingMessage, body: Record<string, unknown>): FakeRequest {
  const messages = (body['messages'] ?? body['input'] ?? []) as WireMessage[];
  const tools = (body['tools'] ?? []) as WireTool[];
  const isResult = ({ role, type, content }: WireMessage) =>
    role === 'tool' ||
    type === 'function_call_output' ||
    (Array.isArray(content) && content.some((part: { type?: string }) => part.type === 'tool_result'));
  const said = messages.findLastIndex((message) => message.role === 'user' && !isResult(message));
  return {
    api,
    headers,
    model: String(body['model']),
    tools: tools.flatMap(({ tools, ...tool }) => tools ?? [tool]).map((tool) => tool.name ?? tool.function?.name ?? ''),
    last: plain(messages.at(-1)?.output ?? messages.at(-1)?.content),
    results: messages
      .slice(said + 1)
      .filter(isResult)
      .flatMap(({ content, output }) => resultsIn(output ?? content)),
    text: JSON.stringify(body),
    body,
    aborted: false,
  };
}

function resultsIn(content: unknown): string[] {
  if (!Array.isArray(content)) return [plain(content)];
  return content.map((part: { content?: unknown; text?: unknown }) => plain(part.content ?? part.text));
}

function plain(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return JSON.stringify(content ?? '');
  return content.map((part: { text?: string; content?: unknown }) => part.text ?? plain(part.content)).join('\n');
}
