import { Button, Group, Select, Switch, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconCopy, IconDownload, IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useLayoutEffect, useRef, useState } from 'react';
import type { LogLine } from '../../api/index.ts';
import { client, messageOf, trpc } from '../connection.ts';
import { LogTable } from './log-table.tsx';

const levels = [
  { value: 'trace', label: 'Everything' },
  { value: 'info', label: 'Information and above' },
  { value: 'warn', label: 'Warnings and errors' },
  { value: 'error', label: 'Errors' },
] as const;
type Level = (typeof levels)[number]['value'];

const shownMax = 500;
const savedMax = 5000;
const liveMs = 2000;
const typingMs = 250;
/** Who has scrolled up further reads, and is left where they are. */
const nearEndPx = 80;

/** What Tandem has noted lately, as it happens. */
export function LogScreen() {
  const [level, setLevel] = useState<Level>('info');
  const [part, setPart] = useState<string | null>(null);
  const [text, setText] = useState('');
  const [wanted] = useDebouncedValue(text.trim(), typingMs);
  const [isLive, setLive] = useState(true);
  const filter = { level, ...(part !== null && { part }), ...(wanted !== '' && { text: wanted }) };
  const log = useQuery({
    ...trpc.observe.log.queryOptions({ ...filter, count: shownMax }),
    placeholderData: keepPreviousData,
    staleTime: 0,
    refetchInterval: isLive && liveMs,
  });
  const scroller = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const newest = log.data?.lines.at(-1)?.id;
  useLayoutEffect(() => {
    const { current: box } = scroller;
    if (box && isAtEnd.current) box.scrollTop = box.scrollHeight;
  }, [newest]);
  const allLines = async (): Promise<LogLine[]> => (await client.observe.log.query({ ...filter, count: savedMax })).lines;
  const doWith = (use: (text: string, count: number) => Promise<void> | void) =>
    void allLines()
      .then((lines) => use(lines.map((line) => `${line.text}\n`).join(''), lines.length))
      .catch((error: unknown) => notifications.show({ color: 'red', message: messageOf(error) }));
  const copy = () =>
    doWith(async (lines, count) => {
      await navigator.clipboard.writeText(lines);
      notifications.show({ message: count === 1 ? 'One line was copied.' : `${count.toLocaleString('en')} lines were copied.` });
    });
  return (
    <div className="log">
      <Group gap="sm" align="flex-end">
        <Select
          label="Show"
          allowDeselect={false}
          value={level}
          onChange={(value) => setLevel(levels.find((one) => one.value === value)?.value ?? 'info')}
          data={levels.map((one) => ({ ...one }))}
        />
        <Select label="Part" placeholder="All parts" clearable value={part} onChange={setPart} data={log.data?.parts ?? []} />
        <TextInput
          label="Contains"
          placeholder="A name, an id, a word"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
        <Switch label="Live" checked={isLive} onChange={({ currentTarget }) => setLive(currentTarget.checked)} mb={8} />
        <Group gap="xs" ml="auto">
          <Button variant="default" leftSection={<IconCopy size={16} aria-hidden />} onClick={copy}>
            Copy
          </Button>
          <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />} onClick={() => doWith(save)}>
            Save
          </Button>
        </Group>
      </Group>
      {log.error && !log.data ? (
        <Text size="sm" role="alert">
          {messageOf(log.error)}
        </Text>
      ) : (
        <div
          className="log-lines"
          ref={scroller}
          tabIndex={0}
          role="region"
          aria-label="Lines of the log"
          onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
            isAtEnd.current = scrollHeight - scrollTop - clientHeight < nearEndPx;
          }}
        >
          {log.data && log.data.lines.length === 0 ? (
            <Text size="sm" c="dimmed" p="lg" ta="center">
              {wanted === '' && part === null && level !== 'error' ? 'Nothing was noted yet.' : 'No line is like this.'}
            </Text>
          ) : (
            <LogTable lines={log.data?.lines ?? []} />
          )}
        </div>
      )}
      {log.data && (
        <Text size="xs" c="dimmed">
          {log.data.isCut && `The newest ${shownMax} are shown; saving takes up to ${savedMax.toLocaleString('en')}. `}
          All of it is in {log.data.folder}
        </Text>
      )}
    </div>
  );
}

function save(lines: string): void {
  const address = URL.createObjectURL(new Blob([lines], { type: 'application/jsonl' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = `tandem-log-${new Date().toISOString().slice(0, 16).replaceAll(':', '')}.jsonl`;
  link.click();
  URL.revokeObjectURL(address);
}
