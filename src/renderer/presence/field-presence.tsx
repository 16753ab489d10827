import { createContext, useContext, type ReactNode } from 'react';
import { overlaps, type Presence } from '../../directory/pure.ts';
import { Avatars } from './avatars.tsx';
import './presence.css';

/** Who else is at the record that a form shows. */
export const FormPresence = createContext<readonly Presence[]>([]);

/** A field of a form; it is marked while somebody else has changed it without saving, or is about to. */
export function FieldPresence({ path, children }: { path: string; children: ReactNode }) {
  const present = useContext(FormPresence).filter(({ fields }) => fields.some((field) => overlaps(field, path)));
  return (
    <div className="field-at" data-taken={present.length > 0 || undefined}>
      {children}
      {present.length > 0 && (
        <div className="field-mark">
          <Avatars present={present} />
        </div>
      )}
    </div>
  );
}
