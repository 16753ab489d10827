import { Badge, Group } from '@mantine/core';

/** The tools that a server has listed. */
export function Tools({ names }: { names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <Group gap={6} role="list" aria-label="Tools">
      {names.map((name) => (
        <Badge key={name} role="listitem" variant="default" fw={400}>
          {name}
        </Badge>
      ))}
    </Group>
  );
}
