import type { Auth } from '../auth/index.ts';
import type { Directory } from '../directory/index.ts';
import { Limits, type LimitName } from '../observe/host.ts';
import { quotasOf, withLimits, type SecuritySettings } from './security-settings.ts';
import type { Settings } from './settings.ts';

/** How a person lets a client do more; part of each refusal. */
const moreForClient = (id: string) =>
  `More for this one: Clients in the window, or tandem client limit ${id} --requests-per-minute N. For all: security.rate_limiting in settings.json. ` +
  'Many changes fit into one request: POST /scim/v2/Bulk, the tool scim_bulk, tandem import.';
const moreForTenant = (id: string) =>
  `More: tandem tenant set ${id} --requests-per-minute N, or security.rate_limiting.tenants in settings.json.`;

/**
 * The limits of all doors: for each client its own, else those of its kind; for each tenant its own, else those of the settings. What
 * Tandem itself does, such as its agent and scenarios, has none.
 */
export function createLimits({
  settings,
  auth,
  directory,
  refused,
}: {
  settings: Pick<Settings, 'data'>;
  auth: Pick<Auth, 'limitsOf'>;
  directory: Pick<Directory, 'tenants'>;
  refused: (limit: LimitName, tenant: string) => void;
}): Limits {
  let last: { security: SecuritySettings | undefined; quotas: ReturnType<typeof quotasOf> } | undefined;
  const quotasNow = () => {
    const { security } = settings.data;
    // The same object until something is changed.
    if (last?.security !== security || !last) last = { security, quotas: quotasOf(security ?? {}) };
    return last.quotas;
  };
  return new Limits({
    refused,
    limitedBy({ tenant, access }) {
      const { client, kind, own } = auth.limitsOf(access);
      if (kind === 'own') return undefined;
      const quotas = quotasNow();
      const { tenants } = directory;
      const limits = tenants.exists(tenant) ? tenants.get(tenant).settings.limits : undefined;
      return {
        client: {
          key: `client ${client}`,
          quota: withLimits(kind === 'key' ? quotas.keys : quotas.clients, own),
          more: () => moreForClient(client),
        },
        tenant: { key: `tenant ${tenant}`, quota: withLimits(quotas.tenants, limits), more: () => moreForTenant(tenant) },
      };
    },
  });
}
