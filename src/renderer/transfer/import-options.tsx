import { Checkbox, NativeSelect, Stack } from '@mantine/core';
import type { Options } from './use-import.ts';
import type { Kind } from './words.ts';

/** What the rows of a file may do. */
export type Choices = Required<Pick<Options, 'mode' | 'emptyCells' | 'matchExternalId' | 'ignoreVersions'>>;

interface Props {
  kind: Kind;
  isCsv: boolean;
  value: Choices;
  onChange: (value: Choices) => void;
}

/** What the rows may do, in plain words. */
export function ImportOptions({ kind, isCsv, value, onChange }: Props) {
  const who = kind === 'groups' ? 'groups' : 'people';
  const set = (change: Partial<Choices>) => onChange({ ...value, ...change });
  const modes = [
    { value: 'both', label: `Add new ${who}, and update those who are here` },
    { value: 'create', label: `Only add new ${who}` },
    { value: 'update', label: `Only update ${who} who are here` },
  ] as const;
  const cells = [
    { value: 'keep', label: 'Keep what is there' },
    { value: 'clear', label: 'Clear the field' },
  ] as const;
  return (
    <Stack gap="sm">
      <div className="transfer-options">
        <NativeSelect
          label="The rows"
          data={modes}
          value={value.mode}
          onChange={(event) => set({ mode: modes.find((each) => each.value === event.currentTarget.value)?.value ?? 'both' })}
        />
        {isCsv && (
          <NativeSelect
            label="Empty cells"
            data={cells}
            value={value.emptyCells}
            onChange={(event) =>
              set({ emptyCells: cells.find((each) => each.value === event.currentTarget.value)?.value ?? 'keep' })
            }
          />
        )}
      </div>
      <Checkbox
        size="sm"
        label={`Also find ${who} by their external ID, where ID and ${kind === 'groups' ? 'name' : 'user name'} find nobody`}
        checked={value.matchExternalId}
        onChange={(event) => set({ matchExternalId: event.currentTarget.checked })}
      />
      <Checkbox
        size="sm"
        label="Take the file’s value also where somebody has changed the same field since the file was exported"
        checked={value.ignoreVersions}
        onChange={(event) => set({ ignoreVersions: event.currentTarget.checked })}
      />
    </Stack>
  );
}
