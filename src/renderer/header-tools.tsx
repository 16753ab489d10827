import { ActionIcon, Group, Menu, Tooltip } from '@mantine/core';
import { IconDots, type TablerIcon } from '@tabler/icons-react';
import { keysText } from './commands.ts';

/** A screen or command that the head of the window leads to. */
export interface HeaderTool {
  label: string;
  /** The keys that do the same. */
  keys?: string;
  icon: TablerIcon;
  run: () => void;
}

/** Side by side where there is room, else in a menu. */
export function HeaderTools({ tools }: { tools: readonly HeaderTool[] }) {
  return (
    <>
      <Group gap={4} wrap="nowrap" visibleFrom="xs">
        {tools.map(({ label, keys, icon: Icon, run }) => (
          <Tooltip key={label} label={keys === undefined ? label : `${label} (${keysText(keys)})`}>
            <ActionIcon variant="subtle" size="lg" aria-label={label} onClick={run}>
              <Icon size={18} aria-hidden />
            </ActionIcon>
          </Tooltip>
        ))}
      </Group>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" size="lg" aria-label="More screens" hiddenFrom="xs">
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {tools.map(({ label, icon: Icon, run }) => (
            <Menu.Item key={label} leftSection={<Icon size={16} aria-hidden />} onClick={run}>
              {label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
