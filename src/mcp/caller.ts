/** What a client says of itself with a request, and what it wants. */
export interface SeenRequest {
  /** Of the actor, which is that of the client. */
  client: string;
  /** `clientInfo.name`: with `initialize` in the 2025 revisions, with each request in 2026-07-28. */
  info?: string | undefined;
  method: string;
  /** The tool, of a call. */
  tool?: string | undefined;
}

const infoKey = 'io.modelcontextprotocol/clientInfo';
const textMax = 100;

interface Body {
  method?: unknown;
  params?: { name?: unknown; clientInfo?: { name?: unknown }; _meta?: Record<string, { name?: unknown } | undefined> };
}

/** @param body of a request, not validated yet. @returns undefined if it is no request or notification. */
export function seenRequest(client: string, body: unknown): SeenRequest | undefined {
  const { method, params } = (body ?? {}) as Body;
  if (typeof method !== 'string') return undefined;
  const info = method === 'initialize' ? params?.clientInfo?.name : params?.['_meta']?.[infoKey]?.name;
  return {
    client,
    method: method.slice(0, textMax),
    info: short(info),
    tool: method === 'tools/call' ? short(params?.name) : undefined,
  };
}

function short(text: unknown): string | undefined {
  return typeof text === 'string' && text !== '' ? text.slice(0, textMax) : undefined;
}
