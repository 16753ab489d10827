import { Modal, Tabs } from '@mantine/core';
import './settings.css';
import { ModelsSettings } from './models-settings.tsx';
import { PermissionsSettings } from './permissions-settings.tsx';
import { SecuritySettings } from '../security/security-settings.tsx';
import { ServersSettings } from './servers-settings.tsx';

export type SettingsPart = 'models' | 'servers' | 'permissions' | 'security';

interface Props {
  tenant: string;
  tenantName: string;
  /** Which part is shown; absent while it is closed. */
  part: SettingsPart | undefined;
  onPart: (part: SettingsPart | undefined) => void;
}

/** What the agent works with: models that answer, MCP servers beside Tandem's, and what it may do without asking; and who else may call. */
export function SettingsDialog({ tenant, tenantName, part, onPart }: Props) {
  return (
    <Modal opened={part !== undefined} onClose={() => onPart(undefined)} title="Settings" size="xl">
      <Tabs value={part ?? 'models'} onChange={(chosen) => chosen !== null && onPart(chosen as SettingsPart)} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="models">Models</Tabs.Tab>
          <Tabs.Tab value="servers">Other MCP servers</Tabs.Tab>
          <Tabs.Tab value="permissions">Permissions</Tabs.Tab>
          <Tabs.Tab value="security">Security and limits</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="models" pt="md">
          <ModelsSettings />
        </Tabs.Panel>
        <Tabs.Panel value="servers" pt="md">
          <ServersSettings />
        </Tabs.Panel>
        <Tabs.Panel value="permissions" pt="md">
          <PermissionsSettings tenant={tenant} tenantName={tenantName} />
        </Tabs.Panel>
        <Tabs.Panel value="security" pt="md">
          <SecuritySettings />
        </Tabs.Panel>
      </Tabs>
    </Modal>
  );
}
