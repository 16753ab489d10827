import { Tooltip } from '@mantine/core';
import { IconAppWindow, IconRobot } from '@tabler/icons-react';
import type { Presence } from '../../directory/pure.ts';
import './presence.css';
import { doing, inOrder, isWindow } from './words.ts';

const shownMax = 3;

/** Who is at something, as small pictures; what they do there is their tooltip and their name. Nobody takes no room. */
export function Avatars({ present }: { present: readonly Presence[] }) {
  if (present.length === 0) return null;
  const ordered = inOrder(present);
  const more = ordered.length - shownMax;
  const sentences = ordered.map(doing);
  return (
    <Tooltip
      label={sentences.map((sentence) => (
        <div key={sentence}>{sentence}</div>
      ))}
      multiline
      maw={340}
      openDelay={150}
    >
      <span className="avatars" role="img" aria-label={sentences.join('. ')}>
        {ordered.slice(0, shownMax).map((one) => (
          <Avatar key={one.id} presence={one} />
        ))}
        {more > 0 && <span aria-hidden>+{more}</span>}
      </span>
    </Tooltip>
  );
}

function Avatar({ presence }: { presence: Presence }) {
  const initial = /\p{Letter}|\p{Number}/u.exec(presence.who.name)?.[0].toUpperCase();
  return (
    <span className="avatar" data-kind={presence.kind} aria-hidden>
      {isWindow(presence) ? <IconAppWindow size={12} /> : (initial ?? <IconRobot size={12} />)}
    </span>
  );
}
