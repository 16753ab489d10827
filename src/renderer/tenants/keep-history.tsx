import { Group, NativeSelect, Text } from '@mantine/core';
import type { RetentionSettings } from '../../directory/pure.ts';

const days: { value: string; label: string }[] = [
  { value: '', label: 'Forever' },
  { value: '1095', label: '3 years' },
  { value: '365', label: '1 year' },
  { value: '90', label: '90 days' },
  { value: '30', label: '30 days' },
];
const versions: { value: string; label: string }[] = [
  { value: '', label: 'All' },
  { value: '1000', label: '1,000' },
  { value: '100', label: '100' },
  { value: '20', label: '20' },
];

interface Props {
  settings: RetentionSettings;
  onChange: (settings: RetentionSettings) => void;
}

/** How much of the history a tenant keeps. */
export function KeepHistory({ settings, onChange }: Props) {
  return (
    <div>
      <Group gap="sm">
        <NativeSelect
          label="Keep history for"
          data={withOwn(days, settings.days)}
          value={String(settings.days ?? '')}
          onChange={({ currentTarget: { value } }) => onChange(changed(settings, 'days', value))}
        />
        <NativeSelect
          label="Versions of each person or group"
          data={withOwn(versions, settings.versions)}
          value={String(settings.versions ?? '')}
          onChange={({ currentTarget: { value } }) => onChange(changed(settings, 'versions', value))}
        />
      </Group>
      <Text size="xs" c="dimmed" mt={4}>
        What is older or beyond goes for good. What there is now stays, and so does everything of the last day.
      </Text>
    </div>
  );
}

/** The choices, with a value that was set elsewhere. */
function withOwn(choices: readonly { value: string; label: string }[], own: number | undefined) {
  const isOwn = own !== undefined && choices.every(({ value }) => value !== String(own));
  return isOwn ? [...choices, { value: String(own), label: own.toLocaleString('en') }] : [...choices];
}

function changed(settings: RetentionSettings, name: keyof RetentionSettings, value: string): RetentionSettings {
  const { [name]: _before, ...rest } = settings;
  return value === '' ? rest : { ...rest, [name]: Number(value) };
}
