import { Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { Ago } from '../ago.tsx';
import { useAlarms } from './use-alarms.ts';

/** What needs a person, or that nothing does. */
export function Alarms() {
  const alarms = useAlarms();
  if (alarms === undefined) return null;
  if (alarms.length === 0)
    return (
      <p className="activity-well">
        <IconCheck size={18} aria-hidden />
        Nothing needs you.
      </p>
    );
  return (
    <ul className="activity-alarms" aria-label="What needs you">
      {alarms.map(({ id, since, message }) => (
        <li key={id}>
          <IconAlertTriangle size={18} aria-hidden />
          <span>
            {message}{' '}
            <Text span size="xs" c="dimmed">
              Since <Ago at={since} />
            </Text>
          </span>
        </li>
      ))}
    </ul>
  );
}
