import { useLocalStorage } from '@mantine/hooks';
import { useState } from 'react';

/** Whether the desktop tells of what waits: `ask` where the person has not been asked yet, `denied` where the browser forbids it. */
export type NotificationState = 'unsupported' | 'ask' | 'denied' | 'on' | 'off';

export interface DesktopNotifications {
  state: NotificationState;
  /** Asks for the browser's permission if it is needed; only to be called when a person chose it. */
  turnOn: () => void;
  turnOff: () => void;
}

const storageKey = 'tandem.notifications';

/** The setting for this window's browser, or for the app. */
export function useDesktopNotifications(): DesktopNotifications {
  const [wanted, setWanted] = useLocalStorage<'on' | 'off'>({
    key: storageKey,
    defaultValue: 'on',
    getInitialValueInEffect: false,
  });
  const [permission, setPermission] = useState(() => ('Notification' in globalThis ? Notification.permission : undefined));
  const turnOn = () => {
    setWanted('on');
    if (permission === 'default') void Notification.requestPermission().then(setPermission);
  };
  return { state: stateOf(permission, wanted), turnOn, turnOff: () => setWanted('off') };
}

function stateOf(permission: NotificationPermission | undefined, wanted: 'on' | 'off'): NotificationState {
  if (permission === undefined) return 'unsupported';
  if (permission === 'denied') return 'denied';
  if (wanted === 'off') return 'off';
  return permission === 'granted' ? 'on' : 'ask';
}

/**
 * Tells the desktop, if the person lets it and is not looking at the window.
 * @param tag one of each is shown, also when several windows tell of it.
 */
export function notifyDesktop(
  state: NotificationState,
  { tag, title, body, onOpen }: { tag: string; title: string; body: string; onOpen: () => void },
): void {
  if (state !== 'on' || document.hasFocus()) return;
  const notification = new Notification(title, { body, tag });
  notification.addEventListener('click', () => {
    window.focus();
    notification.close();
    onOpen();
  });
}
