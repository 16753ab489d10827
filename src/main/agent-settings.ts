import { agentSettingsSchema, createAgentSettings, testEndpoint, testServer, type AgentSettings } from '../assistant/index.ts';
import type { Auth } from '../auth/index.ts';
import type { Settings } from './settings.ts';

/** What the person has set up for the agent: in `settings.json`, but for keys, which are where the app's secrets are. */
export function openAgentSettings(settings: Settings, auth: Auth): AgentSettings {
  return createAgentSettings({
    store: {
      read: () => settings.data.assistant ?? agentSettingsSchema.parse({}),
      save: (assistant) => settings.update({ assistant }),
    },
    secrets: auth.namedSecrets,
    testModel: testEndpoint,
    testServer,
  });
}
