import { NumberInput } from '@mantine/core';
import type { CallLimits, WholeCallLimits } from '../../directory/pure.ts';

type Name = keyof CallLimits;

const kb = 1024;

const fields: { name: Name; label: string; unit?: number; suffix?: string; max: number }[] = [
  { name: 'requests_per_minute', label: 'Calls per minute', max: 1_000_000 },
  { name: 'burst_size', label: 'In one burst', max: 1_000_000 },
  { name: 'concurrent_calls', label: 'At the same time', max: 10_000 },
  { name: 'body_bytes', label: 'Largest request', unit: kb, suffix: ' KB', max: 8192 },
  { name: 'result_bytes', label: 'Largest answer', unit: kb, suffix: ' KB', max: 65_536 },
];

interface Props {
  /** What is set; what is absent is as `usual` says. */
  value: CallLimits;
  usual: WholeCallLimits;
  onChange: (value: CallLimits) => void;
}

/** Fields for limits of calls; an empty one leaves it to what is usual, which it shows. */
export function LimitFields({ value, usual, onChange }: Props) {
  return (
    <div className="limit-fields">
      {fields.map(({ name, label, unit = 1, suffix = '', max }) => {
        const set = value[name];
        return (
          <NumberInput
            key={name}
            label={label}
            min={1}
            max={max}
            allowDecimal={false}
            allowNegative={false}
            thousandSeparator=" "
            suffix={suffix}
            placeholder={`${Math.round(usual[name] / unit)
              .toLocaleString('en')
              .replaceAll(',', ' ')}${suffix}`}
            value={set === undefined ? '' : Math.round(set / unit)}
            onChange={(typed) => {
              const { [name]: _before, ...others } = value;
              onChange(typeof typed === 'number' ? { ...others, [name]: typed * unit } : others);
            }}
          />
        );
      })}
    </div>
  );
}
