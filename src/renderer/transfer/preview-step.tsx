import { Button, Tabs, Text } from '@mantine/core';
import type { Job } from '../../api/index.ts';
import type { Field } from '../people/fields.ts';
import { ChangesTable } from './changes-table.tsx';
import { CountsOf } from './counts.tsx';
import { Problems } from './problems.tsx';
import { Step } from './step.tsx';
import type { Options } from './use-import.ts';
import { rows, things } from './words.ts';

interface Props {
  job: Job;
  options: Options;
  plan: NonNullable<Job['plan']>;
  fields: readonly Field[];
  error: string | undefined;
  onBack: () => void;
  onPreview: (options: Options) => void;
  onRun: () => void;
  onOpen: (id: string) => void;
}

/** What the import will do, before anything is written. */
export function PreviewStep({ job, options, plan, fields, error, onBack, onPreview, onRun, onOpen }: Props) {
  const { counts, problemCount, examples } = plan;
  const { kind, ignoreVersions } = options;
  const work = counts.create + counts.update;
  const others = problemCount - counts.conflict;
  const changes = examples.filter(({ action }) => action === 'create' || action === 'update');
  const first = work > 0 || problemCount === 0 ? 'changes' : counts.conflict > 0 ? 'conflicts' : 'errors';
  return (
    <Step
      title={`What ${job.name} will change`}
      error={error}
      actions={
        <>
          <Button variant="default" onClick={onBack}>
            Back
          </Button>
          <Button disabled={work === 0} onClick={onRun}>
            {work === 0 ? 'Nothing to import' : `Import ${things(work, kind)}`}
          </Button>
        </>
      }
    >
      <CountsOf kind={kind} counts={counts} partly={Math.max(0, others - counts.invalid)} isDone={false} />
      <Tabs defaultValue={first} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="changes">Changes ({work.toLocaleString('en')})</Tabs.Tab>
          <Tabs.Tab value="conflicts" disabled={counts.conflict === 0}>
            Conflicts ({counts.conflict.toLocaleString('en')})
          </Tabs.Tab>
          <Tabs.Tab value="errors" disabled={others === 0}>
            Problems ({others.toLocaleString('en')})
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="changes" pt="sm">
          <ChangesTable tenant={job.tenant} kind={kind} planned={changes} fields={fields} />
          {work > changes.length && (
            <Text size="xs" c="dimmed" mt={6}>
              These are the first {rows(changes.length)} of {work.toLocaleString('en')} that change something.
            </Text>
          )}
        </Tabs.Panel>
        <Tabs.Panel value="conflicts" pt="sm">
          <Problems job={job} kind={kind} fields={fields} only="conflicts" total={counts.conflict} onOpen={onOpen}>
            {ignoreVersions !== true && (
              <Button variant="default" size="compact-sm" onClick={() => onPreview({ ...options, ignoreVersions: true })}>
                Take the file’s values for all of them
              </Button>
            )}
          </Problems>
        </Tabs.Panel>
        <Tabs.Panel value="errors" pt="sm">
          <Problems job={job} kind={kind} fields={fields} only="errors" total={others} onOpen={onOpen} />
        </Tabs.Panel>
      </Tabs>
    </Step>
  );
}
