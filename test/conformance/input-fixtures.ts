import {
  acceptedContent,
  createRequestStateCodec,
  inputRequired,
  inputResponse,
  type InputRequests,
  type McpServer,
  type ServerContext,
  type ToolCallback,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { ServerExtension } from '../../src/mcp/index.ts';
import { registerContent, text } from './fixtures.ts';

const states = createRequestStateCodec<{ round: number }>({
  key: 'a key of the conformance fixtures only',
  bind: (context) => context.mcpReq.method,
});

/** All that the official suite demands of a server, beside what the server has of its own. */
export const fixtures: ServerExtension = {
  requestState: { verify: (state, context) => states.verify(state, context) },
  register(server) {
    registerContent(server);
    registerQuestions(server);
    registerRounds(server);
  },
};

const ask = (message: string, field: string) =>
  inputRequired.elicit({
    message,
    requestedSchema: { type: 'object', properties: { [field]: { type: 'string' } }, required: [field] },
  });
const sample = (prompt: string, maxTokens = 100) =>
  inputRequired.createMessage({ messages: [{ role: 'user', content: { type: 'text', text: prompt } }], maxTokens });

const answerTo = ({ mcpReq }: ServerContext, key: string) => inputResponse(mcpReq.inputResponses, key);

/** A tool that asks once and says what was answered, in both eras. */
function registerQuestion(server: McpServer, name: string, key: string, request: () => InputRequests[string]): void {
  server.registerTool(name, { description: name }, (context) => {
    const answer = answerTo(context, key);
    if (answer.kind === 'missing') return inputRequired({ inputRequests: { [key]: request() } });
    return text(JSON.stringify(answer));
  });
}

const options = (...values: [value: string, title: string][]) => values.map(([value, title]) => ({ const: value, title }));
const three = { type: 'string' as const, enum: ['option1', 'option2', 'option3'] };

function registerQuestions(server: McpServer): void {
  registerQuestion(server, 'test_input_required_result_sampling', 'capital_question', () =>
    sample('What is the capital of France?'),
  );
  registerQuestion(server, 'test_input_required_result_list_roots', 'client_roots', () => inputRequired.listRoots());
  registerQuestion(server, 'test_missing_capability', 'model', () => sample('Hello'));
  registerQuestion(server, 'test_streaming_elicitation', 'user_name', () => ask('What is your name?', 'name'));
  registerQuestion(server, 'test_elicitation_sep1034_defaults', 'defaults', () =>
    inputRequired.elicit({
      message: 'Please review these values',
      requestedSchema: {
        type: 'object',
        properties: {
          name: { type: 'string', default: 'John Doe' },
          age: { type: 'integer', default: 30 },
          score: { type: 'number', default: 95.5 },
          status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
          verified: { type: 'boolean', default: true },
        },
      },
    }),
  );
  registerQuestion(server, 'test_elicitation_sep1330_enums', 'choices', () =>
    inputRequired.elicit({
      message: 'Please choose',
      requestedSchema: {
        type: 'object',
        properties: {
          untitledSingle: three,
          titledSingle: {
            type: 'string',
            oneOf: options(['value1', 'First Option'], ['value2', 'Second Option'], ['value3', 'Third Option']),
          },
          legacyEnum: {
            type: 'string',
            enum: ['opt1', 'opt2', 'opt3'],
            enumNames: ['Option One', 'Option Two', 'Option Three'],
          },
          untitledMulti: { type: 'array', items: three },
          titledMulti: {
            type: 'array',
            items: { anyOf: options(['value1', 'First Choice'], ['value2', 'Second Choice'], ['value3', 'Third Choice']) },
          },
        },
      },
    }),
  );
  server.registerTool(
    'test_sampling',
    { description: 'Asks the model', inputSchema: z.object({ prompt: z.string() }) },
    ({ prompt }, context) => {
      const answer = answerTo(context, 'model');
      if (answer.kind !== 'sampling') return inputRequired({ inputRequests: { model: sample(prompt) } });
      return text(`LLM response: ${JSON.stringify(answer.result.content)}`);
    },
  );
  server.registerTool(
    'test_elicitation',
    { description: 'Asks the person', inputSchema: z.object({ message: z.string() }) },
    ({ message }, context) => {
      const answer = answerTo(context, 'person');
      if (answer.kind === 'elicit')
        return text(`User response: action: ${answer.action}, content: ${JSON.stringify(answer.content)}`);
      const requestedSchema = {
        type: 'object' as const,
        properties: {
          username: { type: 'string' as const, description: "User's response" },
          email: { type: 'string' as const, description: "User's email address" },
        },
        required: ['username', 'email'],
      };
      return inputRequired({ inputRequests: { person: inputRequired.elicit({ message, requestedSchema }) } });
    },
  );
}

/** Tools of the 2026 era that check what comes back, or keep a state between rounds. */
function registerRounds(server: McpServer): void {
  const tool = (name: string, run: ToolCallback) => server.registerTool(name, { description: name }, run);

  tool('test_input_required_result_elicitation', ({ mcpReq }: ServerContext) => {
    const answer = acceptedContent(mcpReq.inputResponses, 'user_name', z.object({ name: z.string() }));
    if (!answer) return inputRequired({ inputRequests: { user_name: ask('What is your name?', 'name') } });
    return text(`Hello, ${answer.name}!`);
  });
  for (const name of ['request_state', 'tampered_state'])
    tool(`test_input_required_result_${name}`, async (context: ServerContext) => {
      const state = context.mcpReq.requestState<{ round: number }>();
      if (state && answerTo(context, 'confirm').kind === 'elicit') return text('state-ok');
      return inputRequired({
        inputRequests: {
          confirm: inputRequired.elicit({ message: 'Please confirm', requestedSchema: z.object({ ok: z.boolean() }) }),
        },
        requestState: await states.mint({ round: 1 }, context),
      });
    });
  tool('test_input_required_result_multiple_inputs', async (context: ServerContext) => {
    const keys = ['user_name', 'greeting', 'client_roots'];
    if (keys.every((key) => answerTo(context, key).kind !== 'missing')) return text('All are there.');
    return inputRequired({
      inputRequests: {
        user_name: ask('What is your name?', 'name'),
        greeting: sample('Generate a greeting', 50),
        client_roots: inputRequired.listRoots(),
      },
      requestState: await states.mint({ round: 1 }, context),
    });
  });
  tool('test_input_required_result_multi_round', async (context: ServerContext) => {
    const done = context.mcpReq.requestState<{ round: number }>()?.round ?? 0;
    if (done === 2 && answerTo(context, 'step2').kind === 'elicit') return text('Both steps are done.');
    if (done === 1 && answerTo(context, 'step1').kind === 'elicit')
      return inputRequired({
        inputRequests: { step2: ask('Step 2: What is your favorite color?', 'color') },
        requestState: await states.mint({ round: 2 }, context),
      });
    return inputRequired({
      inputRequests: { step1: ask('Step 1: What is your name?', 'name') },
      requestState: await states.mint({ round: 1 }, context),
    });
  });
  tool('test_input_required_result_capabilities', () => {
    const can = server.server.getClientCapabilities();
    return inputRequired({
      inputRequests: {
        ...(can?.sampling && { question: sample('Hello') }),
        ...(can?.elicitation && { user_name: ask('What is your name?', 'name') }),
      },
    });
  });
  server.registerPrompt('test_input_required_result_prompt', { description: 'Asks first' }, ({ mcpReq }: ServerContext) => {
    const answer = acceptedContent(mcpReq.inputResponses, 'user_context', z.object({ context: z.string() }));
    if (!answer) return inputRequired({ inputRequests: { user_context: ask('What context should the prompt use?', 'context') } });
    return { messages: [{ role: 'user', content: { type: 'text', text: `Use this: ${answer.context}` } }] };
  });
}
