import { Loader } from '@mantine/core';
import type { ClientStatus } from '../../api/index.ts';
import { Ago } from '../ago.tsx';

interface Props {
  /** What the kind of client is called. */
  label: string;
  clients: readonly ClientStatus[];
  isWaiting: boolean;
}

/** Whether a client is there, in one line. */
export function ClientStatusLine({ label, clients, isWaiting }: Props) {
  const [first, ...others] = clients;
  const isHere = first?.state === 'connected' || first?.state === 'asking';
  const shown = isHere || !isWaiting ? (first?.state ?? 'none') : 'waiting';
  return (
    <div className="connect-status" role="status" aria-label={`State of ${label}`} data-state={shown}>
      {shown === 'waiting' ? <Loader size={12} aria-hidden /> : <span className="connect-dot" aria-hidden />}
      <span className="wraps">
        {shown === 'waiting' ? 'Waiting for it to connect …' : first ? <Words client={first} /> : 'Not connected yet'}
        {others.length > 0 && shown !== 'waiting' && ` · ${others.length} more`}
      </span>
    </div>
  );
}

function Words({ client: { state, name, tenant, lastCall, tool } }: { client: ClientStatus }) {
  const where = tenant === undefined ? '' : ` in ${tenant}`;
  const last = lastCall !== undefined && (
    <>
      , last call <Ago at={lastCall} everyMs={2000} />
    </>
  );
  switch (state) {
    case 'asking':
      return (
        <>
          <strong>{name} asks for access.</strong> Answer it at the lower edge of the window.
        </>
      );
    case 'allowed':
      return `${name} may come in${where}, and has not called yet`;
    case 'before':
      return (
        <>
          Connected before as {name}
          {where}
          {last}
        </>
      );
    case 'connected':
      return (
        <>
          Connected as <strong>{name}</strong>
          {where}
          {last}
          {tool !== undefined && (
            <>
              : <code>{tool}</code>
            </>
          )}
        </>
      );
  }
}
