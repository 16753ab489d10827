import { createHash } from 'node:crypto';
import type { ServerContext } from '@modelcontextprotocol/server';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import type { Actor } from '../directory/index.ts';

/** Encrypts what clients keep for Tandem, with a key that outlives a restart. */
export interface Sealing {
  seal(text: string): Promise<string>;
  /** @returns undefined for what was not sealed with a key that there is. */
  open(sealed: string): Promise<string | undefined>;
}

const lifetimeMs = 24 * 60 * 60_000;

const callState = z.object({
  /** Keeps what was sealed for something else from being taken for this. */
  purpose: z.literal('mcp-call'),
  /** Of the call, in all its rounds. */
  id: z.string(),
  tool: z.string(),
  tenant: z.string(),
  actor: z.string(),
  arguments: z.string(),
  expires: z.number(),
  /** What the client was asked in this round. */
  asked: z.string(),
  /** How often it was asked that and answered what does not fit. */
  tries: z.number(),
  /** What was answered in the rounds before, by key. */
  answers: z.record(z.string(), z.record(z.string(), z.unknown())),
  /** The change that waits for people. */
  escalation: z.string().optional(),
});
/** How far a call of the 2026 era has come; the client keeps it, sealed, and sends it back with the answer. */
export type CallState = z.infer<typeof callState>;

/** Why a state that came back cannot be used. */
export interface UnusableState {
  unusable: 'unreadable' | 'expired' | 'foreign';
}

type Verify = (state: string, context: ServerContext) => unknown;

/** Seals a state, and checks one that comes back from a client. */
export interface RequestStates {
  mint(state: Omit<CallState, 'purpose' | 'expires'>): Promise<string>;
  /**
   * Gives the SDK what a state holds, or why it is of no use: the tool's answer says that in words that a model can follow,
   * which the SDK's own refusal does not.
   * @param other checks those that are not of Tandem's tools.
   */
  verify(other: Verify | undefined): Verify;
}

/** Makes the states of one data folder's clients. */
export function createRequestStates(sealing: Sealing, clock: () => number = Date.now): RequestStates {
  const read = async (sealed: string): Promise<CallState | undefined> => {
    const text = await sealing.open(sealed);
    if (text === undefined) return undefined;
    const parsed = callState.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  };
  return {
    mint: (state) =>
      sealing.seal(JSON.stringify({ ...state, purpose: 'mcp-call', expires: clock() + lifetimeMs } satisfies CallState)),
    verify:
      (other) =>
      async (sealed, context): Promise<unknown> => {
        const state = await read(sealed).catch(() => undefined);
        if (!state) return other ? other(sealed, context) : ({ unusable: 'unreadable' } satisfies UnusableState);
        const actor = context.http?.authInfo?.extra?.['actor'] as Actor | undefined;
        if (actor?.tenant !== state.tenant || actor.id !== state.actor) return { unusable: 'foreign' } satisfies UnusableState;
        return state.expires > clock() ? state : ({ unusable: 'expired' } satisfies UnusableState);
      },
  };
}

/** Ties a state to the arguments that it was made for. */
export function digestOf(args: unknown): string {
  return createHash('sha256')
    .update(canonicalize(args ?? {}) ?? '')
    .digest('base64url');
}

/** The state that came with a request, if one of Tandem's did. */
export function stateOf({ mcpReq }: ServerContext): CallState | UnusableState | undefined {
  const state = mcpReq.requestState<CallState | UnusableState | string>();
  return typeof state === 'string' ? { unusable: 'unreadable' } : state;
}
