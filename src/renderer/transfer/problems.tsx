import { Button, Group, Stack, Text } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState, type ReactNode } from 'react';
import type { Job, Problem } from '../../api/index.ts';
import { client, messageOf, trpc } from '../connection.ts';
import type { Field } from '../people/fields.ts';
import { download } from '../download.ts';
import { csvMark, FileParts, takePieces } from './pieces.ts';
import { ProblemRow } from './problem-row.tsx';
import type { Kind } from './words.ts';

interface Props {
  job: Job;
  kind: Kind;
  fields: readonly Field[];
  only: 'conflicts' | 'errors';
  total: number;
  onOpen: (id: string) => void;
  /** More buttons. */
  children?: ReactNode;
}

const pageSize = 100;
const usualHeight = { conflicts: 138, errors: 42 };

/** All conflicts or all other problems, with their lines: a list of any length, of which only what is on screen is read. */
export function Problems({ job, kind, fields, only, total, onOpen, children }: Props) {
  const { tenant, id } = job;
  const scroller = useRef<HTMLDivElement>(null);
  // The compiler that this is incompatible with is not used.
  // oxlint-disable-next-line react/incompatible-library
  const list = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => usualHeight[only],
    overscan: 8,
  });
  const visible = list.getVirtualItems();
  const pageOf = (index: number) => Math.floor(index / pageSize);
  const pages = [...new Set(visible.map(({ index }) => pageOf(index)))];
  const results = useQueries({
    queries: pages.map((page) =>
      trpc.transfer.problems.queryOptions({ tenant, id, only, offset: page * pageSize, limit: pageSize }),
    ),
  });
  const problemAt = (index: number): Problem | undefined => results[pages.indexOf(pageOf(index))]?.data?.[index % pageSize];
  const error = results.find((result) => result.error)?.error;
  return (
    <Stack gap={8}>
      {only === 'conflicts' && (
        <Text size="sm">
          {job.state === 'done' ? 'These were left as they are: ' : 'These will be left as they are: '}
          somebody has changed the same since the file was exported or previewed.
        </Text>
      )}
      {error && (
        <Text size="sm" c="red" role="alert">
          {messageOf(error)}
        </Text>
      )}
      <div
        ref={scroller}
        className="transfer-scroll"
        tabIndex={0}
        role="region"
        aria-label={only === 'conflicts' ? 'Conflicts' : 'Problems'}
      >
        <div
          role="table"
          aria-label={only === 'conflicts' ? 'Conflicts' : 'Problems'}
          aria-rowcount={total}
          style={{ height: list.getTotalSize(), position: 'relative' }}
        >
          {visible.map(({ index, start }) => (
            <div
              key={index}
              ref={list.measureElement}
              data-index={index}
              role="row"
              aria-rowindex={index + 1}
              className="transfer-problem"
              data-conflict={only === 'conflicts' || undefined}
              style={{ transform: `translateY(${start}px)` }}
            >
              <ProblemRow tenant={tenant} kind={kind} fields={fields} problem={problemAt(index)} onOpen={onOpen} />
            </div>
          ))}
        </div>
      </div>
      <Group gap="xs">
        {children}
        <AllProblems job={job} />
      </Group>
    </Stack>
  );
}

/** Everything that is wrong, for a spreadsheet: conflicts and errors together. */
function AllProblems({ job: { tenant, id, name } }: { job: Job }) {
  const [fault, setFault] = useState<string>();
  const collect = async (onText: (text: string) => void) => {
    setFault(undefined);
    try {
      await takePieces<string>(
        (handlers) => client.transfer.problemsText.subscribe({ tenant, id }, handlers),
        onText,
        AbortSignal.timeout(collectMs),
      );
      return true;
    } catch (problem) {
      setFault(messageOf(problem));
      return false;
    }
  };
  const save = async () => {
    const parts = new FileParts();
    parts.add(csvMark);
    if (await collect((text) => parts.add(text)))
      download(parts.whole('text/csv;charset=utf-8'), `${name.replace(/\.\w+$/, '')}-problems.csv`);
  };
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    let all = '';
    if (!(await collect((text) => (all += text)))) return;
    try {
      await navigator.clipboard.writeText(all);
      setCopied(true);
    } catch {
      setFault('The browser did not allow it. Download the list instead.');
    }
  };
  return (
    <>
      <Button variant="default" size="compact-sm" onClick={() => void save()}>
        Download all as CSV
      </Button>
      <Button variant="default" size="compact-sm" onClick={() => void copy()}>
        {copied ? 'Copied' : 'Copy all'}
      </Button>
      {fault !== undefined && (
        <Text size="sm" c="red" role="alert">
          {fault}
        </Text>
      )}
    </>
  );
}

const collectMs = 60_000;
