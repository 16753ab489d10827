import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { client, trpc } from '../connection.ts';
import { notifyDesktop, useDesktopNotifications, type DesktopNotifications } from './desktop-notifications.ts';
import { onInboxNews } from './news.ts';
import { useWaiting, type Waiting } from './use-waiting.ts';
import { wantsTo } from './words.ts';

const toastId = 'inbox-news';
const toastMs = 12_000;

export interface Inbox {
  opened: boolean;
  /** What is open in it: the id of an escalation, or of a request for access. */
  openId: string | undefined;
  waiting: Waiting;
  desktop: DesktopNotifications;
  open: (id?: string) => void;
  show: (id: string | undefined) => void;
  close: () => void;
}

/**
 * The inbox, and everything that calls a person to it: the title of the window, the badge of the app, the desktop, and a
 * note in the window.
 */
export function useInbox({ tenant, onTenant }: { tenant: string; onTenant: (tenant: string) => void }): Inbox {
  const [place, setPlace] = useState<{ opened: boolean; openId?: string | undefined }>({ opened: false });
  const waiting = useWaiting();
  const desktop = useDesktopNotifications();
  const { total } = waiting;
  const open = (openId?: string) => {
    notifications.hide(toastId);
    setPlace({ opened: true, openId });
  };

  useEffect(() => {
    document.title = total === 0 ? 'Tandem' : `(${total}) Tandem`;
    window.tandem?.showWaiting(total);
  }, [total]);

  const call = (call: { id: string; tenant?: string; title: string; body: string }) => {
    const { id, title, body } = call;
    const onOpen = () => {
      if (call.tenant !== undefined && call.tenant !== tenant) onTenant(call.tenant);
      open(id);
    };
    notifyDesktop(desktop.state, { tag: id, title, body, onOpen });
    return onOpen;
  };
  const latest = useRef({ call, opened: place.opened });
  latest.current = { call, opened: place.opened };

  useEffect(
    () =>
      onInboxNews(({ tenant, id, state, to }) => {
        if (state !== 'pending' || to !== 'people') return;
        void client.escalations.get.query({ tenant, id }).then(
          (escalation) => {
            if (escalation.state !== 'pending') return;
            const sentence = `${escalation.from.name} ${wantsTo(escalation)}`;
            const onOpen = latest.current.call({ id, tenant, title: 'Tandem: somebody waits for your answer', body: sentence });
            if (!latest.current.opened) tellInWindow(sentence, onOpen);
          },
          // Gone by now, or Tandem is; the count says what waits.
          () => undefined,
        );
      }),
    [],
  );

  const access = useQuery(trpc.approvals.pending.queryOptions()).data;
  const known = useRef<ReadonlySet<string>>(new Set());
  useEffect(() => {
    for (const { id, clientName } of access ?? [])
      if (!known.current.has(id))
        latest.current.call({ id, title: 'Tandem: somebody waits for your answer', body: `${clientName} asks for access` });
    known.current = new Set((access ?? []).map(({ id }) => id));
  }, [access]);

  return {
    ...place,
    openId: place.openId,
    waiting,
    desktop,
    open,
    show: (openId) => setPlace({ opened: true, openId }),
    close: () => setPlace({ opened: false }),
  };
}

/** A call waits less than a minute for its answer: whoever is at the window can give it at once. */
function tellInWindow(sentence: string, onOpen: () => void): void {
  const notification = {
    id: toastId,
    autoClose: toastMs,
    message: (
      <span className="inbox-toast">
        <span className="wraps">{sentence}. It waits for your answer.</span>
        <Button size="compact-sm" variant="default" onClick={onOpen}>
          Look
        </Button>
      </span>
    ),
  };
  notifications.hide(toastId);
  notifications.show(notification);
}
