import { Modal, Tabs } from '@mantine/core';
import type { Tenant } from '../../directory/pure.ts';
import { LogScreen } from '../log/log-screen.tsx';
import './activity.css';
import { ActivityScreen } from './activity-screen.tsx';

export type ActivityTab = 'activity' | 'log';

interface Props {
  /** What is shown; undefined where it is closed. */
  tab: ActivityTab | undefined;
  tenants: readonly Tenant[];
  onTab: (tab: ActivityTab) => void;
  onClose: () => void;
}

/** How Tandem is doing, and what it has noted; over the whole window. */
export function ActivityDialog({ tab, tenants, onTab, onClose }: Props) {
  return (
    <Modal
      opened={tab !== undefined}
      onClose={onClose}
      title="How Tandem is doing"
      fullScreen
      transitionProps={{ duration: 0 }}
      classNames={{ content: 'activity-content', body: 'activity-body' }}
    >
      <Tabs
        value={tab ?? 'activity'}
        onChange={(value) => onTab(value === 'log' ? 'log' : 'activity')}
        keepMounted={false}
        className="activity-tabs"
      >
        <Tabs.List>
          <Tabs.Tab value="activity">Activity</Tabs.Tab>
          <Tabs.Tab value="log">Log</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="activity" className="activity-panel">
          <ActivityScreen tenants={tenants} />
        </Tabs.Panel>
        <Tabs.Panel value="log" className="activity-panel activity-panel-log">
          <LogScreen />
        </Tabs.Panel>
      </Tabs>
    </Modal>
  );
}
