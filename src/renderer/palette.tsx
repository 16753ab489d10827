import { Kbd } from '@mantine/core';
import { Spotlight } from '@mantine/spotlight';
import type { KeyboardEvent } from 'react';
import { keysText, type Command } from './commands.ts';

/** The palette gives the focus back to where it was when it closes; a command that moves it runs after that. */
const closesMs = 200;

/** All commands, by name. */
export function Palette({ commands }: { commands: readonly Command[] }) {
  return (
    <Spotlight
      shortcut={null}
      scrollable
      // There are more commands than fit: who cannot use a wheel reaches the part that scrolls.
      scrollAreaProps={{ viewportProps: { tabIndex: 0, role: 'group', 'aria-label': 'Commands' } }}
      searchProps={{
        placeholder: 'What do you want to do?',
        'aria-label': 'What do you want to do?',
        onKeyDown: onEnter,
      }}
      nothingFound="No command has this name"
      actions={commands
        .filter(({ id }) => id !== 'commands')
        .map(({ id, label, keys, run }) => ({
          id,
          label,
          onClick: () => setTimeout(run, closesMs),
          ...(keys !== undefined && { rightSection: <Kbd>{keysText(keys)}</Kbd> }),
        }))}
    />
  );
}

/** Enter takes the first command when none was chosen with the arrow keys. */
function onEnter({ key, currentTarget, nativeEvent }: KeyboardEvent<HTMLInputElement>): void {
  if (key !== 'Enter' || nativeEvent.isComposing) return;
  const actions = currentTarget.closest('[role="dialog"]')?.querySelectorAll<HTMLElement>('[data-action]') ?? [];
  if ([...actions].every(({ dataset }) => dataset['selected'] === undefined)) actions[0]?.click();
}
