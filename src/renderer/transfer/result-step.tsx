import { Button, Group, Tabs, Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import type { Job } from '../../api/index.ts';
import type { Field } from '../people/fields.ts';
import { CountsOf, type Counts } from './counts.tsx';
import { Problems } from './problems.tsx';
import { Step } from './step.tsx';
import type { Options } from './use-import.ts';
import { rows, things } from './words.ts';

interface Props {
  job: Job;
  options: Options;
  counts: Counts;
  fields: readonly Field[];
  error: string | undefined;
  onGoOn: () => void;
  onAnother: () => void;
  onClose: () => void;
  onOpen: (id: string) => void;
}

/** What came of an import: all of it, or what was done until it stopped. */
export function ResultStep({ job, options: { kind }, counts, fields, error, onGoOn, onAnother, onClose, onOpen }: Props) {
  const { state, problemCount = 0 } = job;
  const isDone = state === 'done';
  const others = Math.max(0, problemCount - counts.conflict);
  const Icon = isDone && problemCount === 0 ? IconCheck : IconAlertTriangle;
  return (
    <Step
      title={job.name}
      error={error}
      actions={
        <>
          <Button variant="default" onClick={onAnother}>
            {isDone ? 'Import another file' : 'Back'}
          </Button>
          {!isDone && <Button onClick={onGoOn}>Go on</Button>}
          {isDone && <Button onClick={onClose}>Close</Button>}
        </>
      }
    >
      <Group gap={8} wrap="nowrap" align="start" role="status">
        <Icon size={20} aria-hidden className={isDone && problemCount === 0 ? 'brand' : 'warning-icon'} />
        <Text size="sm">{summaryOf(job, kind, counts)}</Text>
      </Group>
      <CountsOf kind={kind} counts={counts} partly={Math.max(0, others - counts.invalid)} isDone />
      {problemCount > 0 && (
        <Tabs defaultValue={counts.conflict > 0 ? 'conflicts' : 'errors'} keepMounted={false}>
          <Tabs.List>
            <Tabs.Tab value="conflicts" disabled={counts.conflict === 0}>
              Conflicts ({counts.conflict.toLocaleString('en')})
            </Tabs.Tab>
            <Tabs.Tab value="errors" disabled={others === 0}>
              Problems ({others.toLocaleString('en')})
            </Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="conflicts" pt="sm">
            <Problems job={job} kind={kind} fields={fields} only="conflicts" total={counts.conflict} onOpen={onOpen} />
          </Tabs.Panel>
          <Tabs.Panel value="errors" pt="sm">
            <Problems job={job} kind={kind} fields={fields} only="errors" total={others} onOpen={onOpen} />
          </Tabs.Panel>
        </Tabs>
      )}
    </Step>
  );
}

function summaryOf({ state, progress, error, problemCount = 0 }: Job, kind: Options['kind'], counts: Counts): string {
  const done = `${things(counts.create, kind)} added, ${counts.update.toLocaleString('en')} changed.`;
  if (state === 'done')
    return problemCount === 0
      ? `All of it is in: ${done}`
      : `${done} ${rows(problemCount)} could not go in, or not as a whole: put them right in the file and import it again. What is in already is not touched by that.`;
  const why =
    state === 'cancelled'
      ? 'You stopped it.'
      : state === 'interrupted'
        ? 'It broke off when Tandem ended.'
        : (error ?? 'It could not go on.');
  const far = progress ? `${progress.done.toLocaleString('en')} of ${rows(progress.total)}` : 'No rows';
  return `${why} ${far} are done and stay. “Go on” does the others.`;
}
