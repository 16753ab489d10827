import { afterEach, expect, test } from 'vitest';
import type { Run } from '../src/assistant/run.ts';
import { promptOf, runnerOf } from '../src/assistant/contexts/test-service.ts';
import { readEvents, startContexts, textOf, type ContextsHost } from './contexts-host.ts';

let host: ContextsHost;
afterEach(() => host.close());

async function start(work: (run: Run) => Promise<void>, options: Partial<Parameters<typeof startContexts>[0]> = {}) {
  host = await startContexts({ runner: runnerOf(work), ...options });
  return host.as('app');
}

async function newContext(application = 'app', body: object = {}): Promise<string> {
  const { status, body: made } = await host.as(application)('POST', '/contexts', body);
  expect(status).toBe(201);
  return made.context_id;
}

const problem = (status: number, code: string, field?: string) => ({
  status,
  body: { status, code, ...(field !== undefined && { errors: [expect.objectContaining({ field })] }) },
});

test('bad input is refused with a problem that names the field, and changes nothing', async () => {
  const call = await start(async () => {});
  const id = await newContext();
  const cases: [body: unknown, path: string, expected: object][] = [
    ['{', '/contexts', problem(400, 'INVALID_JSON')],
    [`${'['.repeat(60)}${']'.repeat(60)}`, '/contexts', problem(400, 'INVALID_JSON')],
    [[], '/contexts', problem(400, 'INVALID', 'body')],
    [{ model_id: 'none' }, '/contexts', problem(400, 'MODEL_NOT_FOUND', 'model_id')],
    [{ model_id: 7 }, '/contexts', problem(400, 'INVALID', 'model_id')],
    [{ priority: 'urgent' }, '/contexts', problem(400, 'INVALID', 'priority')],
    [{ nodes: [{ content_type: 'text' }] }, '/contexts', problem(400, 'INVALID', 'nodes.0.content')],
    [{ nodes: [{ content: 'x', content_type: 'question' }] }, '/contexts', problem(400, 'INVALID', 'nodes.0.content_type')],
    [{ nodes: [{ content: 'x', metadata: { task: 'x' } }] }, '/contexts', problem(400, 'INVALID', 'nodes.0.metadata.task')],
    [{ modelid: 'fake/one' }, '/contexts', problem(400, 'INVALID', 'modelid')],
    [{ user_id: 'x'.repeat(201) }, '/contexts', problem(400, 'INVALID', 'user_id')],
    [{ metadata: { x: 'x'.repeat(20_000) } }, '/contexts', problem(413, 'TOO_LARGE', 'metadata')],
    [{ nodes: [{ content: 'x'.repeat(300_000) }] }, '/contexts', problem(413, 'TOO_LARGE', 'nodes.0.content')],
    [{ nodes: [{ content: 'x'.repeat(1_100_000) }] }, '/contexts', problem(413, 'TOO_LARGE')],
    [{}, `/contexts/${id}/prompt`, problem(400, 'INVALID', 'prompt')],
    [{ prompt: ' ' }, `/contexts/${id}/prompt`, problem(400, 'INVALID', 'prompt')],
    [{ prompt: 'x', stream: 'yes' }, `/contexts/${id}/prompt`, problem(400, 'INVALID', 'stream')],
    [{ prompt: 'x' }, '/contexts/none/prompt', problem(404, 'CONTEXT_NOT_FOUND')],
    [{ content: 'x' }, '/contexts/none/nodes', problem(404, 'CONTEXT_NOT_FOUND')],
    [{ content: '{"action":"accept"}', content_type: 'answer' }, `/contexts/${id}/nodes`, problem(400, 'INVALID', 'question_id')],
    [{ content: '-', content_type: 'answer' }, `/contexts/${id}/nodes`, problem(400, 'INVALID', 'content')],
    [
      { content: '{"question_id":"q","action":"accept"}', content_type: 'answer' },
      `/contexts/${id}/nodes`,
      problem(404, 'QUESTION_NOT_FOUND'),
    ],
  ];
  for (const [body, path, expected] of cases) {
    const answer = await call('POST', path, body);
    expect(answer, `${path} ${JSON.stringify(body).slice(0, 80)}`).toMatchObject(expected);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json\b/);
  }
  expect(await call('POST', '/contexts', 'x', { 'content-type': 'text/plain' })).toMatchObject(
    problem(415, 'INVALID_MEDIA_TYPE'),
  );
  for (const path of ['/tasks?limit=0', '/tasks?status=odd', '/tasks?typ=x', '/contexts?limit=x'])
    expect(await call('GET', path)).toMatchObject(problem(400, 'INVALID'));
  for (const path of ['/contexts/none', '/contexts?cursor=none', '/tasks/none', '/tasks?cursor=none', '/nothing'])
    expect((await call('GET', path)).status).toBe(404);
  expect(await call('DELETE', `/contexts/${id}/nodes/none`)).toMatchObject(problem(404, 'NODE_NOT_FOUND'));
  expect((await call('GET', '/contexts')).body.contexts).toHaveLength(1);
  expect((await call('GET', `/contexts/${id}`)).body.nodes).toEqual([]);
});

test('who is unknown is told where to sign in, and who lacks the scope which one', async () => {
  const call = await start(async () => {}, {
    refusal: ({ id }) => (id === 'poor' ? { message: 'This needs the scope scim:read.', scope: 'scim:read' } : undefined),
  });
  const unknown = await host.as('unknown')('GET', '/contexts');
  expect(unknown).toMatchObject(problem(401, 'UNAUTHORIZED'));
  expect(unknown.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token", scope=.*resource_metadata="http/);
  const poor = await host.as('poor')('POST', '/contexts', {});
  expect(poor).toMatchObject(problem(403, 'FORBIDDEN'));
  expect(poor.headers.get('www-authenticate')).toContain('error="insufficient_scope", scope="scim:read"');
  expect((await call('GET', '/contexts')).status).toBe(200);
  expect((await fetch(`${host.root}/openapi.json`)).status).toBe(200);
});

test('tenants, applications and their users see nothing of each other', async () => {
  const call = await start(async (run) => run.say('hi'));
  const id = await newContext('app', { user_id: 'ada', nodes: [{ content: 'secret' }] });
  const {
    node_ids: [node],
  } = (await call('GET', '/tasks')).body.tasks[0].output;
  const { body: done } = await call('POST', `/contexts/${id}/prompt`, { prompt: 'secret', user_id: 'ada' });
  const others: [string, string][] = [
    ['app2', ''],
    ['app@other', ''],
    ['app', '?user_id=bo'],
  ];
  for (const [application, query] of others) {
    const as = host.as(application);
    const body = query === '' ? {} : { user_id: 'bo' };
    expect((await as('GET', `/contexts${query}`)).body).toEqual({ contexts: [] });
    expect((await as('GET', `/tasks${query}`)).body).toEqual({ tasks: [] });
    const attempts = [
      as('GET', `/contexts/${id}${query}`),
      as('GET', `/tasks/${done.task.id}${query}`),
      as('DELETE', `/contexts/${id}${query}`),
      as('DELETE', `/contexts/${id}/nodes/${node}${query}`),
      as('POST', `/contexts/${id}/nodes`, { content: 'x', ...body }),
      as('POST', `/contexts/${id}/prompt`, { prompt: 'x', ...body }),
    ];
    for (const { status, text } of await Promise.all(attempts)) {
      expect(status).toBe(404);
      expect(text).not.toContain('secret');
    }
  }
  // The application itself is told of all its users.
  expect((await call('GET', `/contexts/${id}`)).body).toMatchObject({ user_id: 'ada', nodes: [{ content: 'secret' }, {}, {}] });
  expect((await call('DELETE', `/contexts/${id}`)).body).toMatchObject({
    task: { type: 'mcp.delete_context', status: 'completed' },
  });
});

test('past max_contexts a context is refused', async () => {
  const call = await start(async () => {}, { limits: { contextsMax: 2 } });
  await newContext();
  await newContext();
  expect(await call('POST', '/contexts', {})).toMatchObject(problem(409, 'TOO_MANY_CONTEXTS'));
  expect((await call('GET', '/tasks?status=failed')).body.tasks).toMatchObject([
    { type: 'mcp.create_context', error: { code: 'TOO_MANY_CONTEXTS' } },
  ]);
});

test('lists come in pages, and tasks by state, type and context', async () => {
  const call = await start(async () => {});
  const ids: string[] = [];
  for (let turn = 0; turn < 5; turn++) ids.push(await newContext());
  const read = async (path: string, key: string) => {
    const found: string[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const { body } = await call('GET', `${path}limit=2${cursor && `&cursor=${cursor}`}`);
      found.push(...body[key].map((item: { id: string; context_id?: string }) => item.context_id ?? item.id));
      cursor = body.next_cursor;
    }
    return found;
  };
  expect((await read('/contexts?', 'contexts')).toSorted()).toEqual(ids.toSorted());
  expect(await read('/tasks?', 'tasks')).toEqual(ids.toReversed());
  expect(await read(`/tasks?status=completed&type=mcp.create_context&context_id=${ids[1]}&`, 'tasks')).toEqual([ids[1]]);
  expect(await read('/tasks?type=mcp.add_prompt&', 'tasks')).toEqual([]);
});

test('a stream that is cut goes on where it was, wherever that is, and nothing is run twice', async () => {
  let runs = 0;
  await start(
    async (run) => {
      runs++;
      run.say('One ');
      run.say('two');
      await run.put({ id: `${run.id}-call`, contentType: 'tool_call', content: '{"id":"call","state":"running"}' });
      await run.put({ id: `${run.id}-call`, contentType: 'tool_call', content: '{"id":"call","state":"succeeded"}' });
      run.say('three ');
      // Longer than it takes until the text is on disk.
      await new Promise((resolve) => setTimeout(resolve, 20));
      run.say('four.');
    },
    { limits: { textFlushMs: 5 } },
  );
  const id = await newContext();
  const ask = { token: 'app', body: { prompt: 'count', stream: true } };
  const whole = await readEvents(`${host.root}/contexts/${id}/prompt`, ask);
  expect(textOf(whole)).toBe('One two\n\nthree four.');
  expect(whole.at(-1)?.data).toMatchObject({ task: { status: 'completed' }, completion: 'One two\n\nthree four.' });
  expect(new Set(whole.map(({ event }) => event))).toEqual(new Set(['task', 'node', 'delta', 'end']));
  // After the fact from each of its events, and from a cut after each of them, by task and by key.
  const taskId = whole[0]?.data.task.id;
  for (const { id: seen } of whole) {
    const before = whole.slice(0, whole.findLastIndex((event) => event.id === seen) + 1);
    const after = await readEvents(`${host.root}/tasks/${taskId}`, { token: 'app', headers: { 'last-event-id': seen } });
    expect(textOf([...before, ...after]), seen).toBe('One two\n\nthree four.');
    expect(after.at(-1)?.event).toBe('end');
  }
  for (let cut = 0; cut < whole.length - 1; cut++) {
    const headers = { 'idempotency-key': `key ${cut}` };
    const before = await readEvents(`${host.root}/contexts/${id}/prompt`, { ...ask, headers }, (_event, index) => index === cut);
    const last = before.at(-1)?.id ?? '';
    const resumed = { ...ask, headers: { ...headers, 'last-event-id': last } };
    const after = await readEvents(`${host.root}/contexts/${id}/prompt`, resumed);
    expect(textOf([...before, ...after]), `cut after ${cut}`).toBe('One two\n\nthree four.');
  }
  expect(runs).toBe(whole.length);
});

test('a client that goes away ends its stream and not the run', async () => {
  let finish = () => {};
  const call = await start(async (run) => {
    run.say('I begin.');
    await new Promise<void>((resolve) => (finish = resolve));
    run.say(' I end.');
  });
  const id = await newContext();
  const body = { prompt: 'x', stream: true };
  const events = await readEvents(`${host.root}/contexts/${id}/prompt`, { token: 'app', body }, ({ event }) => event === 'node');
  const taskId = events[0]?.data.task.id;
  expect((await call('GET', `/tasks/${taskId}`)).body.status).toBe('running');
  finish();
  await host.service.ended({ tenant: 'default', principal: 'app' }, taskId);
  expect((await call('GET', `/tasks/${taskId}`)).body.output.completion).toBe('I begin. I end.');
});

test('what takes longer is answered 202, with what it asks, and is answered with a node', async () => {
  const call = await start(async (run) => {
    const answer = await run.ask({
      id: 'q',
      kind: 'form',
      from: 'agent',
      message: 'Which title?',
      schema: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] },
      deadline: new Date(Date.now() + 60_000).toISOString(),
    });
    run.say(`${answer.action} ${JSON.stringify(answer.content)}`);
  });
  const id = await newContext();
  const asked = new Promise<void>((resolve) =>
    host.service.onEvent((event) => event.kind === 'node' && event.node.id === 'q' && resolve()),
  );
  const prompt = call('POST', `/contexts/${id}/prompt`, { prompt: 'x' }, { prefer: 'wait=1' });
  await asked;
  const taken = await prompt;
  expect(taken).toMatchObject({
    status: 202,
    body: { task: { status: 'running', questions: [{ id: 'q', message: 'Which title?' }] } },
  });
  expect(taken.headers.get('location')).toBe(`/api/v1/mcp/tasks/${taken.body.task.id}`);
  const answer = (content: object) =>
    call('POST', `/contexts/${id}/nodes`, {
      content_type: 'answer',
      content: JSON.stringify({ question_id: 'q', action: 'accept', content }),
    });
  expect(await answer({})).toMatchObject(problem(400, 'INVALID', 'title'));
  expect(await answer({ title: 'CTO' })).toMatchObject({ status: 201, body: { node: { content_type: 'question' } } });
  expect(await answer({ title: 'CTO' })).toMatchObject(problem(409, 'ALREADY_ANSWERED'));
  await host.service.ended({ tenant: 'default', principal: 'app' }, taken.body.task.id);
  const { output, questions } = (await call('GET', `/tasks/${taken.body.task.id}`)).body;
  expect(output.completion).toBe('accept {"title":"CTO"}');
  expect(questions).toBeUndefined();
});

test('a run that fails is a problem with the code of its task', async () => {
  const call = await start(
    async (run) => {
      if (promptOf(run) === 'slow') await new Promise((_resolve, reject) => run.signal.addEventListener('abort', reject));
      throw new Error('a secret detail');
    },
    { limits: { workMs: 20 } },
  );
  const id = await newContext();
  expect(await call('POST', `/contexts/${id}/prompt`, { prompt: 'slow' })).toMatchObject(problem(504, 'TIMEOUT'));
  const failed = await call('POST', `/contexts/${id}/prompt`, { prompt: 'x' });
  expect(failed).toMatchObject(problem(500, 'INTERNAL'));
  expect(failed.text).not.toContain('secret');
  expect((await call('GET', `/tasks/${failed.body.task_id}`)).body).toMatchObject({
    status: 'failed',
    error: { code: 'INTERNAL' },
  });
});

test('health has its parts, and the OpenAPI document each route and schema that the door has', async () => {
  const call = await start(async () => {});
  await newContext();
  expect((await call('GET', '/health')).body).toEqual({
    status: 'ok',
    version: '0',
    parts: {
      database: { status: 'ok' },
      worker: { status: 'ok', running: 0, waiting_for_answer: 0 },
      models: { status: 'ok', available: 2, total: 2 },
      queue: { low: 0, medium: 0, high: 0 },
    },
    tasks: { completed: 1, failed: 0, cancelled: 0 },
  });
  const { body: document } = await call('GET', '/openapi.json');
  const routes = Object.entries<object>(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method} ${path}`),
  );
  expect(routes.toSorted()).toEqual([
    'delete /contexts/{contextID}',
    'delete /contexts/{contextID}/nodes/{nodeID}',
    'get /contexts',
    'get /contexts/{contextID}',
    'get /health',
    'get /models',
    'get /tasks',
    'get /tasks/{taskID}',
    'post /contexts',
    'post /contexts/{contextID}/nodes',
    'post /contexts/{contextID}/prompt',
  ]);
  for (const [, name = ''] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g))
    expect(Object.keys(document.components.schemas)).toContain(name);
  expect(document.components.schemas.Task.properties.priority.enum).toEqual(['low', 'medium', 'high']);
});
