import { createHash } from 'node:crypto';
import type { Tool } from '@modelcontextprotocol/client';
import canonicalize from 'canonicalize';
import type { AgentSettings } from '../agent-settings.ts';
import type { Run } from '../run.ts';
import { answerMs } from './elicitation.ts';
import type { Scope } from './scope.ts';
import type { ToolCard } from './tool-card.ts';

export interface ServedTool {
  /** `tandem`, or the id of a server that the person has added. */
  server: string;
  /** How the person calls the server. */
  from: string;
  tool: Tool;
  isOwn: boolean;
  /** Of a foreign tool's description and schema; a tool that is no longer what was allowed asks again. */
  fingerprint?: string | undefined;
}

/** Decides whether a call may run, and asks the person where it may not without them (decision 17). */
export class Permissions {
  readonly #run: Run;
  readonly #settings: Pick<AgentSettings['permissions'], 'list' | 'allow'>;
  readonly #scope: Scope;
  readonly #asksItself: boolean;
  readonly #inConversation: Set<string>;

  /** @param options.asksItself the model is of rules: nothing that it reads moves it, and before it deletes it asks. */
  constructor(options: {
    run: Run;
    settings: Pick<AgentSettings['permissions'], 'list' | 'allow'>;
    scope: Scope;
    asksItself: boolean;
  }) {
    this.#run = options.run;
    this.#settings = options.settings;
    this.#scope = options.scope;
    this.#asksItself = options.asksItself;
    this.#inConversation = new Set(options.run.context.allowedTools);
  }

  /**
   * @returns undefined if the call may run; else what the model is told.
   * @throws the run's reason when it is stopped.
   */
  async refusal(served: ServedTool, card: ToolCard): Promise<string | undefined> {
    const { tool, isOwn } = served;
    const args = card.call.arguments;
    if (isOwn && (this.#asksItself || tool.annotations?.readOnlyHint === true)) return undefined;
    const key = keyOf(served);
    const beyond = this.#scope.beyond(args, isOwn);
    const reasons: string[] = [];
    if (beyond !== undefined && !this.#inConversation.has(`${key}!beyond`))
      reasons.push(`${beyond} It may come from a record that was read.`);
    if (!this.#isAllowed(served, key)) {
      if (!isOwn) reasons.push(`The agent wants to use ${tool.title ?? tool.name} of ${served.from}.`);
      else if (isDestructive(tool, args)) reasons.push('This deletes, or decides for others.');
    }
    if (reasons.length === 0) return undefined;
    return this.#ask(served, card, { key, reasons, isBeyond: beyond !== undefined });
  }

  get #isOfApplication(): boolean {
    return this.#run.owner.principal !== undefined;
  }

  #isAllowed(served: ServedTool, key: string): boolean {
    if (this.#inConversation.has(key)) return true;
    // What the person allows for good is not for applications that come by REST, whatever they call their users.
    if (this.#isOfApplication) return false;
    const name = `${served.server}/${served.tool.name}`;
    return this.#settings
      .list(this.#run.owner)
      .some(({ tool, fingerprint }) => tool === name && (served.isOwn || fingerprint === served.fingerprint));
  }

  async #ask(
    { server, tool, fingerprint }: ServedTool,
    card: ToolCard,
    { key, reasons, isBeyond }: { key: string; reasons: string[]; isBeyond: boolean },
  ): Promise<string | undefined> {
    const args = card.call.arguments;
    await card.update({ summary: 'Waits for your permission.' });
    const answer = await this.#run.ask({
      // An answer is for these arguments: others are another question.
      id: `${card.call.id}:permission:${digest(args)}`,
      kind: 'permission',
      from: 'agent',
      message: reasons.join(' '),
      call: { id: card.call.id, server, tool: tool.name, arguments: args },
      options: [
        { label: 'Allow once', value: 'once' },
        { label: 'Allow in this conversation', value: 'conversation' },
        // What is beyond the request is never allowed for good.
        ...(isBeyond || this.#isOfApplication ? [] : [{ label: 'Always allow', value: 'always' }]),
      ],
      deadline: new Date(Date.now() + answerMs).toISOString(),
    });
    if (answer.action === 'decline') return 'The person did not allow this call. Nothing was done. Do not try it in another way.';
    if (answer.action !== 'accept') return 'The person did not answer whether this call is allowed, so nothing was done.';
    const forGood = answer.scope === 'always' && !isBeyond && !this.#isOfApplication;
    // Only there, so that what is taken back is asked again in this conversation too.
    if (forGood)
      await this.#settings.allow({
        ...this.#run.owner,
        tool: `${server}/${tool.name}`,
        ...(fingerprint !== undefined && { fingerprint }),
      });
    else if (answer.scope === 'conversation' || answer.scope === 'always')
      for (const one of isBeyond ? [key, `${key}!beyond`] : [key]) {
        this.#inConversation.add(one);
        await this.#run.allow(one);
      }
    return undefined;
  }
}

/** How a permission names a tool: a foreign one together with what it was when it was allowed. */
function keyOf({ server, tool, fingerprint }: ServedTool): string {
  return `${server}/${tool.name}${fingerprint === undefined ? '' : `@${fingerprint.slice(0, 16)}`}`;
}

/** Of our own tools: those that take away, or decide in the name of a person. Changes can be undone from the history. */
function isDestructive({ name, annotations }: Tool, args: Record<string, unknown>): boolean {
  if (name === 'scim_bulk') return JSON.stringify(args['operations'] ?? '').includes('"DELETE"');
  if (name === 'scim_resolve_conflict') return false;
  return annotations?.destructiveHint === true && annotations.idempotentHint !== true;
}

function digest(args: Record<string, unknown>): string {
  return createHash('sha256')
    .update(canonicalize(args) ?? '')
    .digest('base64url')
    .slice(0, 16);
}
