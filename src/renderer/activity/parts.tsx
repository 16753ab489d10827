import { Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { messageOf, trpc } from '../connection.ts';
import { partNames } from './words.ts';

const refreshMs = 10_000;

/** How each part of Tandem is. */
export function Parts() {
  const health = useQuery({ ...trpc.observe.health.queryOptions(), refetchInterval: refreshMs });
  const names = Object.keys(partNames) as (keyof typeof partNames)[];
  return (
    <section aria-label="Parts" className="activity-box">
      <h3>Parts of Tandem</h3>
      {health.error && !health.data && (
        <Text size="sm" role="alert">
          {messageOf(health.error)}
        </Text>
      )}
      {health.data && (
        <ul className="activity-parts">
          {names.map((name) => {
            const { ok, detail } = health.data.parts[name];
            return (
              <li key={name} data-ok={ok}>
                {ok ? <IconCheck size={16} aria-hidden /> : <IconAlertTriangle size={16} aria-hidden />}
                <span>
                  {partNames[name]}
                  <span className="sub">{detail ?? (ok ? 'Works' : 'Does not work')}</span>
                </span>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
