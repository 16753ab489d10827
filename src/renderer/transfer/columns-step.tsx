import { Button, Loader, NativeSelect, SegmentedControl, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Job } from '../../api/index.ts';
import { messageOf, trpc } from '../connection.ts';
import type { Field } from '../people/fields.ts';
import { ColumnsTable } from './columns-table.tsx';
import { ImportOptions, type Choices } from './import-options.tsx';
import { Step } from './step.tsx';
import type { Options } from './use-import.ts';
import { bytes, columnName, formatNames, type Format, type Kind } from './words.ts';

interface Props {
  tenant: string;
  job: Job;
  /** From which list the import was opened. */
  listKind: Kind;
  fields: readonly Field[];
  error: string | undefined;
  onPreview: (options: Options) => void;
  onOtherFile: () => void;
}

const formats = Object.entries(formatNames).map(([value, label]) => ({ value, label }));

/** What is in the file: people or groups, what each column becomes, and what its rows may do. */
export function ColumnsStep({ tenant, job, listKind, fields, error, onPreview, onOtherFile }: Props) {
  const before = job.options;
  const [chosenKind, setKind] = useState<Kind | undefined>(before?.kind);
  const [chosenFormat, setFormat] = useState<Format | undefined>(before?.format);
  const [mapped, setMapped] = useState<Record<string, string>>(before?.mapping ?? {});
  const [choices, setChoices] = useState<Choices>({
    mode: before?.mode ?? 'both',
    emptyCells: before?.emptyCells ?? 'keep',
    matchExternalId: before?.matchExternalId ?? false,
    ignoreVersions: before?.ignoreVersions ?? false,
  });
  const input = { tenant, id: job.id, ...(chosenFormat && { format: chosenFormat }) };
  const first = useQuery(trpc.transfer.inspect.queryOptions({ ...input, kind: listKind }));
  const kind = chosenKind ?? first.data?.looksLike ?? listKind;
  const known = useQuery({
    ...trpc.transfer.inspect.queryOptions({ ...input, kind }),
    placeholderData: keepPreviousData,
    enabled: first.data !== undefined || first.isError,
  });
  const { data } = known;
  const headers = [...new Set(data?.headers)].filter((header) => header !== '');
  const mapping = Object.fromEntries(headers.map((header) => [header, mapped[header] ?? data?.mapping?.[header] ?? 'ignore']));
  const isCsv = data?.format === 'csv';
  const fault = isCsv ? faultOf(mapping, kind, choices, fields) : undefined;
  const format = chosenFormat ?? data?.format ?? 'csv';
  return (
    <Step
      title={job.name}
      error={error ?? (known.error ? messageOf(known.error) : undefined)}
      actions={
        <>
          <Button variant="default" onClick={onOtherFile}>
            Back
          </Button>
          <Button
            disabled={!data || known.isPlaceholderData || fault !== undefined}
            aria-describedby="transfer-fault"
            onClick={() => data && onPreview({ kind, format, ...choices, ...(isCsv && { mapping }) })}
          >
            Preview
          </Button>
        </>
      }
    >
      <div className="transfer-about">
        <fieldset>
          <legend>What is in the file</legend>
          <SegmentedControl
            value={kind}
            onChange={(value) => {
              setKind(value);
              setMapped({});
            }}
            data={[
              { value: 'users', label: 'People' },
              { value: 'groups', label: 'Groups' },
            ]}
          />
        </fieldset>
        <NativeSelect
          label="Format"
          data={formats}
          value={format}
          onChange={(event) => {
            setFormat(formats.find(({ value }) => value === event.currentTarget.value)?.value as Format);
            setMapped({});
          }}
        />
        <Text size="sm" c="dimmed" className="transfer-size">
          {bytes(job.size)}
        </Text>
      </div>
      {!data && !known.error && <Loader aria-label="Reading the file" />}
      {data && !isCsv && (
        <Text size="sm">
          {format === 'ldif'
            ? 'Entries become people or groups by their usual LDAP attributes.'
            : 'Fields have their SCIM names in the file, so there is nothing to choose.'}
        </Text>
      )}
      {data && isCsv && (
        <ColumnsTable
          kind={kind}
          fields={fields}
          headers={headers}
          samples={headers.map((header) => data.samples?.[data.headers?.indexOf(header) ?? -1] ?? [])}
          choices={data.choices ?? []}
          mapping={mapping}
          onMap={(header, path) => setMapped((before) => ({ ...before, [header]: path }))}
        />
      )}
      <ImportOptions kind={kind} isCsv={isCsv} value={choices} onChange={setChoices} />
      <Text size="sm" c="red" id="transfer-fault" role="status" mih={20}>
        {fault}
      </Text>
    </Step>
  );
}

/** What must be put right before anything can be said about the rows. */
function faultOf(
  mapping: Record<string, string>,
  kind: Kind,
  { matchExternalId }: Choices,
  fields: readonly Field[],
): string | undefined {
  const paths = Object.values(mapping).filter((path) => path !== 'ignore');
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  if (twice !== undefined) return `Two columns become “${columnName(twice, kind, fields)}”. Leave one of them out.`;
  const name = kind === 'groups' ? 'displayName' : 'userName';
  if (paths.some((path) => path === 'id' || path === name || (matchExternalId && path === 'externalId'))) return undefined;
  return `Choose which column is the ${columnName(name, kind, fields).toLowerCase()}: by it, each row finds its ${kind === 'groups' ? 'group' : 'person'}.`;
}
