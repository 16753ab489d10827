import type { Presence } from '../../directory/pure.ts';
import { Avatars } from './avatars.tsx';
import './presence.css';
import { doing, inOrder } from './words.ts';

/** Who else is at the open user or group. Its room is there also while nobody is, so that nothing moves when somebody comes. */
export function PresenceLine({ present }: { present: readonly Presence[] }) {
  const text = inOrder(present).map(doing).join(' · ');
  return (
    <div className="presence-line">
      <Avatars present={present} />
      <span role="status" aria-label="Who else is here" className="cell" title={text}>
        <bdi>{text}</bdi>
      </span>
    </div>
  );
}
