/** Everything that can be done from the keyboard, the palette and the desktop menu: written once. */
export interface Command {
  /** As the desktop menu names it (src/main/electron-menu.ts). */
  id: string;
  label: string;
  /** As Mantine's useHotkeys reads it. */
  keys?: string;
  run: () => void;
}

export function keysText(keys: string): string {
  const mac = navigator.platform.startsWith('Mac');
  return keys
    .split('+')
    .map((key) => (key === 'mod' ? (mac ? '⌘' : 'Ctrl') : key.charAt(0).toUpperCase() + key.slice(1)))
    .join(mac ? '' : ' ');
}
