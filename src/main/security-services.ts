import type { SecurityChange, SecurityServices } from '../api/index.ts';
import { logLevel } from '../observe/index.ts';
import { alarmsOf } from './alarm-settings.ts';
import { defaultKeyHeader, defaultQuotas, quotasOf } from './security-settings.ts';
import type { Settings, SettingsData } from './settings.ts';

/** The settings of security, limits, log and alarms, as the window shows and changes them. */
export function securityServices(settings: Settings, path: string): SecurityServices {
  return {
    read() {
      const { security = {}, alarms, log } = settings.data;
      const { clients = {}, tenants = {}, ...keys } = security.rate_limiting ?? {};
      return {
        limits: quotasOf(security),
        set: { keys, clients, tenants },
        defaults: defaultQuotas,
        keyHeader: security.authentication?.header ?? defaultKeyHeader,
        pages: { enabled: security.cors?.enabled === true, origins: security.cors?.allowed_origins ?? [] },
        logLevel: log?.level ?? logLevel(),
        alarms: alarmsOf(alarms),
        path,
        ...(settings.problem !== undefined && { problem: settings.problem }),
      };
    },
    update: (change) => settings.update(toSettings(settings.data, change)),
  };
}

/** What is checked when it is written. */
function toSettings({ security = {}, alarms }: Readonly<SettingsData>, change: SecurityChange): Partial<SettingsData> {
  const { keys, clients, tenants, keyHeader, pages, logLevel: level } = change;
  const { clients: clientsBefore, tenants: tenantsBefore, ...keysBefore } = security.rate_limiting ?? {};
  return {
    security: {
      ...security,
      ...((keys ?? clients ?? tenants) && {
        rate_limiting: {
          ...(keys ?? keysBefore),
          clients: clients ?? clientsBefore,
          tenants: tenants ?? tenantsBefore,
        },
      }),
      ...(keyHeader !== undefined && { authentication: { ...security.authentication, header: keyHeader } }),
      ...(pages && { cors: { enabled: pages.enabled, allowed_origins: pages.origins } }),
    },
    ...(level !== undefined && { log: { level: level as NonNullable<SettingsData['log']>['level'] } }),
    ...(change.alarms && { alarms: { ...alarms, ...change.alarms } }),
  };
}
