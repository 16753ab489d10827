import { createContext, useContext, useEffect, useRef, useState } from 'react';

/** What the middle of the window shows; the id `new` is that of somebody who is not in the directory yet. */
export interface Opened {
  kind: 'person' | 'group';
  id: string;
  /** What of it is to be seen; absent where that does not matter. */
  part?: 'history';
}

/** How a screen goes to another one. There is a way back. */
export const Navigation = createContext<(to: Opened) => void>(() => undefined);

export function useNavigation(): (to: Opened) => void {
  return useContext(Navigation);
}

interface Place {
  tenant: string;
  opened?: Opened | undefined;
  /** From which screens one came here. */
  trail: readonly Opened[];
}

/** Which screen is open in the middle, and the way back from it. */
export interface ScreensState {
  opened: Opened | undefined;
  /** Where one came from. */
  previous: Opened | undefined;
  open: (to: Opened) => void;
  openPerson: (id: string) => void;
  openGroup: (id: string) => void;
  /** From one screen to the next. */
  go: (to: Opened) => void;
  /** To the screen before, if there was one. */
  close: () => void;
}

/** @param onShow is told what is open now, each time. */
export function useScreens(tenant: string, onShow: (opened: Opened | undefined) => void): ScreensState {
  const [stored, setPlace] = useState<Place>({ tenant, trail: [] });
  // Whoever was open is in the tenant that was left, by choice or because it was deleted.
  const isHere = stored.tenant === tenant;
  const { opened, trail }: Place = isHere ? stored : { tenant, trail: [] };
  const latest = useRef(onShow);
  latest.current = onShow;
  useEffect(() => {
    if (!isHere) latest.current(undefined);
  }, [isHere]);
  const show = (to: Opened | undefined, from: readonly Opened[] = []) => {
    setPlace({ tenant, opened: to, trail: from });
    onShow(to);
  };
  return {
    opened,
    previous: trail.at(-1),
    open: (to) => show(to),
    openPerson: (id) => show({ kind: 'person', id }),
    openGroup: (id) => show({ kind: 'group', id }),
    go: (to) => show(to, opened ? [...trail, opened] : []),
    close: () => show(trail.at(-1), trail.slice(0, -1)),
  };
}

/** Which tab of a screen is shown: the part that was asked for when it was opened, then what a person chooses. */
export function useTab(opened: Opened, usual: string): [string | null, (tab: string | null) => void] {
  const [tab, setTab] = useState<string | null>(opened.part ?? usual);
  // Asked for again, it is shown again, though the screen is open already.
  useEffect(() => {
    if (opened.part) setTab(opened.part);
  }, [opened]);
  return [tab, setTab];
}
