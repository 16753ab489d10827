import { Checkbox } from '@mantine/core';
import type { ReactNode } from 'react';
import type { FieldChange, Json } from '../../directory/pure.ts';
import { ValueText } from '../editor/value-text.tsx';
import { changeLabel, memberName } from './words.ts';

interface Props {
  tenant: string;
  label: string;
  changes: readonly FieldChange[];
  /** What each side is called. */
  left: ReactNode;
  right: ReactNode;
  /** Lets fields be chosen. */
  chosen?: { has: (path: string) => boolean; toggle: (path: string) => void } | undefined;
}

/** Two versions side by side, field by field; only what differs. */
export function ComparisonTable({ tenant, label, changes, left, right, chosen }: Props) {
  return (
    <div role="table" aria-label={label} className="comparison">
      <div role="row" className="comparison-row comparison-head">
        <span role="columnheader">Field</span>
        <span role="columnheader">{left}</span>
        <span role="columnheader">{right}</span>
      </div>
      {changes.map((change) => {
        const { path, before, after } = change;
        const name = changeLabel(change);
        return (
          <div role="row" key={path} className="comparison-row">
            <div role="rowheader">
              {chosen ? (
                <Checkbox size="sm" label={name} checked={chosen.has(path)} onChange={() => chosen.toggle(path)} />
              ) : (
                <strong>{name}</strong>
              )}
            </div>
            <div role="cell" className="comparison-before">
              <Side tenant={tenant} path={path} value={before} />
            </div>
            <div role="cell" className="comparison-after">
              <Side tenant={tenant} path={path} value={after} />
            </div>
          </div>
        );
      })}
    </div>
  );
}

function Side({ tenant, path, value }: { tenant: string; path: string; value: Json | undefined }) {
  if (path.startsWith('members[')) return <bdi>{memberName(value) ?? '(no member)'}</bdi>;
  return <ValueText tenant={tenant} path={path} value={value} />;
}
