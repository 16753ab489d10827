import { Radio, VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Collision, Json, Side } from '../../directory/pure.ts';
import { ValueText } from '../editor/value-text.tsx';
import { labelOf } from '../words.ts';

interface Props {
  tenant: string;
  label: string;
  collisions: readonly Collision[];
  /** What the sides are called, at the head of the table and, of mine, within a sentence. */
  names: { mine: string; mineSpoken: string; theirs: string };
  sideOf: (collision: Collision) => Side | undefined;
  onChoose: (collision: Collision, side: Side) => void;
}

/**
 * Three columns: what it was, and what each side made of it; and a choice for each field. Where the pane is narrow they are
 * below each other (styles.css), which takes a table's roles away: hence they are said here.
 */
export function CollisionTable({ tenant, label, collisions, names, sideOf, onChoose }: Props) {
  const { mine, mineSpoken, theirs } = names;
  return (
    <div role="table" aria-label={label}>
      <div role="row" className="review-row review-head">
        <span role="columnheader">Field</span>
        <span role="columnheader">Before</span>
        <span role="columnheader">{mine}</span>
        <span role="columnheader">{theirs}</span>
      </div>
      {collisions.map((collision) => {
        const { path, base } = collision;
        const value = (of: Json | undefined): ReactNode => <ValueText tenant={tenant} path={path} value={of} />;
        const choice = (side: Side, owner: string) => (
          <div role="cell" data-label={side === 'mine' ? mine : theirs}>
            <Radio
              name={`choice ${path}`}
              label={
                <>
                  <VisuallyHidden>
                    {labelOf(path)}: {owner},{' '}
                  </VisuallyHidden>
                  {value(collision[side])}
                </>
              }
              checked={sideOf(collision) === side}
              onChange={() => onChoose(collision, side)}
            />
          </div>
        );
        return (
          <div role="row" key={path} className="review-row">
            <strong role="rowheader">{labelOf(path)}</strong>
            <div role="cell" data-label="Before">
              {value(base)}
            </div>
            {choice('mine', mineSpoken)}
            {choice('theirs', theirs)}
          </div>
        );
      })}
    </div>
  );
}
