import { Progress, Stack, Text } from '@mantine/core';
import { useEffect, useRef } from 'react';

interface Props {
  label: string;
  /** From 0 to 1; absent while it is not known. */
  share: number | undefined;
  /** How far it is, in words. */
  text: string;
}

const told = 10;

/** A bar, with how far it is. Screen readers are told each tenth, not each step. */
export function Working({ label, share, text }: Props) {
  const percent = share === undefined ? 100 : Math.min(100, share * 100);
  return (
    <Stack gap={6}>
      <Progress.Root size="lg">
        <Progress.Section value={percent} animated={share === undefined} aria-label={label} />
      </Progress.Root>
      <Text size="sm" className="transfer-figures">
        {text}
      </Text>
      <Text size="sm" role="status" className="transfer-unseen">
        {share === undefined ? label : `${label}: ${Math.floor(percent / told) * told} %`}
      </Text>
    </Stack>
  );
}

const rateOverMs = 5000;

/**
 * How fast something goes: its last seconds count.
 * @returns per second; undefined until that can be said.
 */
export function useRate(done: number): number | undefined {
  const marks = useRef<{ at: number; done: number }[]>([]);
  useEffect(() => {
    const now = performance.now();
    marks.current = [...marks.current.filter((mark) => now - mark.at < rateOverMs && mark.done <= done), { at: now, done }];
  }, [done]);
  const [first] = marks.current;
  const last = marks.current.at(-1);
  if (!first || !last || last.at - first.at < 500) return undefined;
  return Math.max(0, ((last.done - first.done) / (last.at - first.at)) * 1000);
}

/** How long the rest takes at this rate, in words. */
export function restText(left: number, rate: number | undefined): string {
  if (rate === undefined || rate <= 0 || left <= 0) return '';
  const seconds = left / rate;
  if (seconds < 60) return `about ${Math.max(1, Math.round(seconds))} s left`;
  return `about ${Math.round(seconds / 60)} min left`;
}
