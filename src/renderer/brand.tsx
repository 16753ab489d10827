import { Group, Title } from '@mantine/core';

/** The app's mark, as on the pages of the sign-in. */
export function Mark({ height = 18 }: { height?: number }) {
  return (
    <svg viewBox="0 0 32 22" width={(height * 32) / 22} height={height} aria-hidden className="mark">
      <circle cx="11" cy="11" r="9.5" className="mark-left" />
      <circle cx="21" cy="11" r="9.5" />
    </svg>
  );
}

export function Brand() {
  return (
    <Group gap={8} wrap="nowrap">
      <Mark />
      <Title order={1} size="h4" className="brand">
        Tandem
      </Title>
    </Group>
  );
}
