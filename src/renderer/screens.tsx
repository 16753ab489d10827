import { Button, Center, Text } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { nameOf } from '../directory/pure.ts';
import { keysText } from './commands.ts';
import { draftKey, drafts } from './editor/drafts.ts';
import { Editor } from './editor/editor.tsx';
import { NewPerson } from './editor/new-person.tsx';
import { GroupScreen } from './groups/group-screen.tsx';
import type { ListKind } from './groups/list-switch.tsx';
import { NewGroup } from './groups/new-group.tsx';
import { Navigation, type Opened, type ScreensState } from './navigation.ts';

/** The middle of the window: the person or the group that is open. */
export function Screens({ tenant, list, screens }: { tenant: string; list: ListKind; screens: ScreensState }) {
  const { opened, previous, close } = screens;
  return (
    <Navigation value={screens.go}>
      {previous && <Back tenant={tenant} to={previous} onBack={close} />}
      {opened ? (
        <Screen tenant={tenant} opened={opened} screens={screens} />
      ) : (
        <Center h="100%" p="md">
          <Text c="dimmed" ta="center">
            Choose {list === 'groups' ? 'a group' : 'a person'} in the list, or press {keysText('mod+K')} for all commands.
          </Text>
        </Center>
      )}
    </Navigation>
  );
}

function Screen({ tenant, opened, screens }: { tenant: string; opened: Opened; screens: ScreensState }) {
  const { kind, id } = opened;
  const { openGroup, openPerson, close } = screens;
  const key = `${tenant} ${id}`;
  if (kind === 'group')
    return id === 'new' ? (
      <NewGroup key={key} tenant={tenant} onCreated={openGroup} onClose={close} />
    ) : (
      <GroupScreen key={key} tenant={tenant} opened={opened} onClose={close} />
    );
  return id === 'new' ? (
    <NewPerson key={key} tenant={tenant} onCreated={openPerson} onClose={close} />
  ) : (
    <Editor key={key} tenant={tenant} opened={opened} onClose={close} />
  );
}

/** The way back to the screen that one came from. */
function Back({ tenant, to, onBack }: { tenant: string; to: Opened; onBack: () => void }) {
  const draft = drafts.get(draftKey(tenant, to.id));
  const name = draft ? nameOf(draft.mine) : '';
  return (
    <Button
      className="back"
      variant="subtle"
      size="compact-sm"
      leftSection={<IconArrowLeft size={16} aria-hidden />}
      onClick={onBack}
    >
      Back to {name || `the ${to.kind}`}
    </Button>
  );
}
