import { Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import { useAlarms } from './use-alarms.ts';

/** Calls a person to what is wrong, above everything, until they have looked or it is over. */
export function AlarmBanner({ onOpen }: { onOpen: () => void }) {
  const alarms = useAlarms() ?? [];
  const [hidden, hide] = useState<readonly string[]>([]);
  const keyOf = ({ id, since }: { id: string; since: string }) => `${id} ${since}`;
  const news = alarms.filter((alarm) => !hidden.includes(keyOf(alarm)));
  const [first] = news;
  const hideAll = () => hide(alarms.map(keyOf));
  return (
    <div role="status" aria-label="Alarm">
      {first && (
        <div className="alarm-banner">
          <IconAlertTriangle size={18} aria-hidden />
          <span>
            {first.message}
            {news.length > 1 && ` And ${news.length - 1} more.`}
          </span>
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => {
              hideAll();
              onOpen();
            }}
          >
            Look
          </Button>
          <Button size="compact-sm" variant="subtle" onClick={hideAll}>
            Hide
          </Button>
        </div>
      )}
    </div>
  );
}
