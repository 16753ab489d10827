import { Checkbox, Group, NativeSelect, Select, Stack, TextInput } from '@mantine/core';
import type { QuietHours } from './rules.ts';
import { FieldError } from './field-error.tsx';
import { weekdays } from './words.ts';

interface Props {
  value: QuietHours | null;
  error: string | undefined;
  onChange: (value: QuietHours | null) => void;
}

/** What is offered first. */
const begin: QuietHours = {
  timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  from: '20:00',
  to: '06:00',
  days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
  writes: 'approval',
};
const timeZones = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

/** Times at which software changes nothing by itself. */
export function QuietHoursField({ value, error, onChange }: Props) {
  return (
    <fieldset>
      <legend>Quiet hours</legend>
      <Stack gap="sm">
        <NativeSelect
          aria-label="Changes in quiet hours"
          maw={380}
          data={[
            { value: '', label: 'None' },
            { value: 'approval', label: 'Changes need approval' },
            { value: 'refuse', label: 'Changes are refused' },
          ]}
          value={value?.writes ?? ''}
          onChange={({ currentTarget: { value: writes } }) =>
            onChange(writes === '' ? null : { ...(value ?? begin), writes: writes as QuietHours['writes'] })
          }
        />
        {value && (
          <>
            <Group gap="sm" align="flex-end">
              <Time label="From" value={value.from} onChange={(from) => onChange({ ...value, from })} />
              <Time
                label={value.to <= value.from ? 'To, the next day' : 'To'}
                value={value.to}
                onChange={(to) => onChange({ ...value, to })}
              />
              <Select
                label="By the clock of"
                data={timeZones.includes(value.timeZone) ? timeZones : [value.timeZone, ...timeZones]}
                value={value.timeZone}
                onChange={(timeZone) => timeZone !== null && onChange({ ...value, timeZone })}
                searchable
                allowDeselect={false}
                nothingFoundMessage="No time zone has this name"
                limit={60}
              />
            </Group>
            <Checkbox.Group
              label="On these days"
              description="On which they begin"
              value={value.days}
              onChange={(days) =>
                onChange({ ...value, days: weekdays.flatMap((day) => (days.includes(day.value) ? [day.value] : [])) })
              }
            >
              <Group gap="sm" mt={6}>
                {weekdays.map((day) => (
                  <Checkbox key={day.value} value={day.value} label={day.label} />
                ))}
              </Group>
            </Checkbox.Group>
          </>
        )}
      </Stack>
      <FieldError error={error} />
    </fieldset>
  );
}

function Time({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  return (
    <TextInput type="time" label={label} value={value} w={130} onChange={({ currentTarget }) => onChange(currentTarget.value)} />
  );
}
