import { Button, Center, Group, SegmentedControl, Text, TextInput } from '@mantine/core';
import { useDebouncedValue, useDisclosure } from '@mantine/hooks';
import { IconArrowLeft, IconHistory, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import type { ListKind } from '../groups/list-switch.tsx';
import { MomentDialog, bannerText } from './moment-dialog.tsx';
import { PastGroup } from './past-group.tsx';
import { PastList } from './past-list.tsx';
import { PastPerson } from './past-person.tsx';
import './past.css';

interface Props {
  tenant: string;
  /** What people call the tenant. */
  tenantName: string;
  moment: string;
  onMoment: (moment: string) => void;
  onBack: () => void;
}

const searchDelayMs = 200;

/** The directory as it was at a moment: lists, people, groups; nothing can be changed here. */
export function PastView({ tenant, tenantName, moment, onMoment, onBack }: Props) {
  const [list, setList] = useState<ListKind>('people');
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), searchDelayMs);
  const [opened, setOpened] = useState<{ kind: 'person' | 'group'; id: string }>();
  const [unknown, setUnknown] = useState(0);
  const [choosing, dialog] = useDisclosure(false);
  return (
    <div className="past">
      <div className="past-banner" role="region" aria-label="The past">
        <IconHistory size={20} aria-hidden className="warning-icon" />
        <div className="past-words">
          <Text size="sm" fw={600} role="status">
            {bannerText(tenantName, moment)} Read only.
          </Text>
          {unknown > 0 && (
            <Text size="xs">
              {unknown.toLocaleString('en')} more {unknown === 1 ? 'is' : 'are'} not shown: what there was then is no longer kept.
            </Text>
          )}
        </div>
        <Group gap="xs">
          <Button size="xs" variant="default" onClick={dialog.open}>
            Another moment …
          </Button>
          <Button size="xs" onClick={onBack}>
            Back to now
          </Button>
        </Group>
      </div>
      <div className="past-panes" data-opened={opened !== undefined}>
        <section className="pane pane-side past-side" aria-label={list === 'people' ? 'People of then' : 'Groups of then'}>
          <SegmentedControl
            aria-label="List of then"
            mx={12}
            mt={12}
            value={list}
            onChange={(kind) => {
              setList(kind);
              setOpened(undefined);
            }}
            data={[
              { value: 'people', label: 'People' },
              { value: 'groups', label: 'Groups' },
            ]}
          />
          <TextInput
            m={12}
            mb={4}
            aria-label={list === 'people' ? 'Search people of then' : 'Search groups of then'}
            placeholder={list === 'people' ? 'Search people of then' : 'Search groups of then'}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            leftSection={<IconSearch size={16} aria-hidden />}
          />
          <PastList
            key={`${list} ${moment}`}
            tenant={tenant}
            moment={moment}
            list={list}
            search={search}
            openId={opened?.id}
            onOpen={(id) => setOpened({ kind: list === 'people' ? 'person' : 'group', id })}
            onUnknown={setUnknown}
          />
        </section>
        <main className="pane past-main" aria-label={list === 'people' ? 'Person of then' : 'Group of then'}>
          {opened && (
            <Button
              className="past-close"
              variant="subtle"
              size="compact-sm"
              leftSection={<IconArrowLeft size={16} aria-hidden />}
              onClick={() => setOpened(undefined)}
            >
              Back to the list
            </Button>
          )}
          {!opened && (
            <Center h="100%" p="md">
              <Text c="dimmed" ta="center">
                Choose {list === 'groups' ? 'a group' : 'a person'} in the list.
              </Text>
            </Center>
          )}
          {opened?.kind === 'person' && (
            <PastPerson key={opened.id} tenant={tenant} moment={moment} id={opened.id} onOpen={setOpened} />
          )}
          {opened?.kind === 'group' && (
            <PastGroup key={opened.id} tenant={tenant} moment={moment} id={opened.id} onOpen={setOpened} />
          )}
        </main>
      </div>
      <MomentDialog opened={choosing} onChoose={onMoment} onClose={dialog.close} />
    </div>
  );
}
