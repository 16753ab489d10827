import type { ElicitResult } from '@modelcontextprotocol/client';
import { z } from 'zod';
import type { Answer, Question } from '../context.ts';
import type { Run } from '../run.ts';

/** What a server asks: MCP elicitation, form or URL mode. */
export interface Elicitation {
  mode?: string | undefined;
  message: string;
  requestedSchema?: unknown;
  url?: string | undefined;
}

/** How long a question waits for the person. */
export const answerMs = 60 * 60_000;
const triesMax = 3;

/**
 * Puts a server's question to the person, as part of the tool call from which it comes, and holds the answer against the
 * schema before anything is sent.
 * @param options.id the same after a restart, so that nothing is asked twice.
 * @returns what the protocol calls for: accept with content, decline, or cancel (put away, or the deadline passed).
 * @throws the run's reason when it is stopped.
 */
export async function elicit(
  run: Run,
  elicitation: Elicitation,
  options: { id: string; from: string; call: NonNullable<Question['call']>; onWait?: ((waits: boolean) => void) | undefined },
): Promise<ElicitResult> {
  const { from, call, onWait } = options;
  const base = { from, call, deadline: new Date(Date.now() + answerMs).toISOString() };
  const ask = async (question: Pick<Question, 'id' | 'kind' | 'message' | 'schema' | 'url'>): Promise<Answer> => {
    onWait?.(true);
    try {
      return await run.ask({ ...base, ...question });
    } finally {
      onWait?.(false);
    }
  };
  if (elicitation.mode === 'url') {
    const { url = '', message } = elicitation;
    // A page of a file or of a script is no place to send a person to.
    if (!/^https?:\/\//i.test(url)) return { action: 'cancel' };
    const { action } = await ask({ id: options.id, kind: 'url', message, url });
    return { action };
  }
  const form = formOf(elicitation.requestedSchema);
  let { message } = elicitation;
  for (let number = 1; number <= triesMax; number++) {
    const id = number === 1 ? options.id : `${options.id}:${number}`;
    const { action, content } = await ask({ id, kind: 'form', message, schema: form.schema });
    if (action !== 'accept') return { action };
    const checked = form.check(content ?? {});
    if ('content' in checked) return { action, content: checked.content };
    message = `${elicitation.message}\n\n${checked.problem}`;
  }
  return { action: 'cancel' };
}

type Content = NonNullable<ElicitResult['content']>;

interface Form {
  schema: Record<string, unknown>;
  check(content: Record<string, unknown>): { content: Content } | { problem: string };
}

/** Reads the schema of a form. One that cannot be understood asks for nothing more than a yes. */
export function formOf(requested: unknown): Form {
  const schema = (typeof requested === 'object' && requested !== null ? requested : { type: 'object' }) as Record<
    string,
    unknown
  >;
  const properties = (schema['properties'] ?? {}) as Record<string, unknown>;
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  let parser: z.ZodType;
  try {
    parser = z.fromJSONSchema(schema);
  } catch {
    return { schema, check: () => ({ problem: 'The form that the server sent cannot be understood. Decline it.' }) };
  }
  return {
    schema,
    check(content) {
      // A field that was left empty is one that was left out; one that the form has not is none of the server's business.
      const given = Object.fromEntries(
        Object.entries(content).filter(([name, value]) => {
          return Object.hasOwn(properties, name) && value !== undefined && (value !== '' || required.has(name));
        }),
      );
      const parsed = parser.safeParse(given);
      if (parsed.success) return { content: parsed.data as Content };
      const [issue] = parsed.error.issues;
      return { problem: `${issue?.path.join('.') || 'The answer'}: ${issue?.message}` };
    },
  };
}
