import type { Adapter, AdapterPayload } from 'oidc-provider';

const entriesMax = 5000;

/**
 * The provider's models that live for minutes: requests that wait for consent, and codes. They are in memory, bounded, and
 * gone after a restart, when a client must begin again.
 */
export function shortLived(): (model: string) => Adapter {
  const entries = new Map<string, { payload: AdapterPayload; expires: number | undefined }>();
  const makeRoom = () => {
    const now = Date.now();
    for (const [key, { expires }] of entries) if (expires !== undefined && expires <= now) entries.delete(key);
    for (const key of entries.keys()) {
      if (entries.size < entriesMax) break;
      entries.delete(key);
    }
  };
  return (model) => {
    const keyOf = (id: string) => `${model}:${id}`;
    const find = (id: string) => {
      const found = entries.get(keyOf(id));
      return found && (found.expires === undefined || found.expires > Date.now()) ? found.payload : undefined;
    };
    return {
      upsert: async (id, payload, expiresIn) => {
        // A session would be a cookie that grants something by itself, and any program on another port of this host can set
        // and see cookies. So of it only the state of a form is kept: each authorization asks a person.
        if (model === 'Session' && !payload['state']) return;
        const kept = model === 'Session' ? formStateOf(payload) : payload;
        if (entries.size >= entriesMax) makeRoom();
        entries.set(keyOf(id), { payload: kept, expires: expiresIn ? Date.now() + expiresIn * 1000 : undefined });
      },
      find: async (id) => find(id),
      findByUid: async () => undefined,
      findByUserCode: async (userCode) => {
        for (const [key, { payload, expires }] of entries)
          if (key.startsWith(`${model}:`) && payload.userCode === userCode && (expires ?? Infinity) > Date.now()) return payload;
        return undefined;
      },
      consume: async (id) => {
        const payload = find(id);
        if (payload) payload.consumed = Math.floor(Date.now() / 1000);
      },
      destroy: async (id) => void entries.delete(keyOf(id)),
      revokeByGrantId: async (grantId) => {
        for (const [key, { payload }] of entries)
          if (key.startsWith(`${model}:`) && payload.grantId === grantId) entries.delete(key);
      },
    };
  };
}

/** A session without whoever signed in. */
function formStateOf({ jti, uid, kind, iat, exp, state }: AdapterPayload): AdapterPayload {
  return Object.fromEntries(Object.entries({ jti, uid, kind, iat, exp, state }).filter(([, value]) => value !== undefined));
}
