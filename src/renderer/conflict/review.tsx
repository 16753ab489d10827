import { Button, Group, Radio, Text, VisuallyHidden } from '@mantine/core';
import { useState } from 'react';
import type { Collision, Json, Side } from '../../directory/pure.ts';
import type { Draft } from '../editor/draft.ts';
import { ValueText } from '../editor/value-text.tsx';
import { authorName, labelOf } from '../words.ts';
import { previewOf } from './merge-preview.ts';
import { PreviewTable } from './preview-table.tsx';

interface Props {
  tenant: string;
  draft: Draft;
  onResolve: (choose: (path: string) => Side) => void;
}

/**
 * Three columns: what it was, what it is in the draft, what it is now; and a choice for each field. Where the pane is
 * narrow they are below each other (styles.css), which takes a table's roles away: hence they are said here.
 */
export function Review({ tenant, draft: { base, mine: draft, collisions, theirs }, onResolve }: Props) {
  const [chosen, setChosen] = useState<Readonly<Record<string, Side>>>({});
  const sideOf = (collision: Collision) => chosen[keyOf(collision)];
  const decided = collisions.filter(sideOf).length;
  const who = theirs ? authorName(theirs.author) : '';
  return (
    <div className="review">
      <div role="table" aria-label="Fields that both of you changed">
        <div role="row" className="review-row review-head">
          <span role="columnheader">Field</span>
          <span role="columnheader">Before</span>
          <span role="columnheader">Yours</span>
          <span role="columnheader">{who}</span>
        </div>
        {collisions.map((collision) => {
          const { path, base, mine, theirs: other } = collision;
          const label = labelOf(path);
          const choice = (side: Side, value: Json | undefined, owner: string) => (
            <div role="cell" data-label={side === 'mine' ? 'Yours' : who}>
              <Radio
                name={`choice ${path}`}
                label={
                  <>
                    <VisuallyHidden>
                      {label}: {owner},{' '}
                    </VisuallyHidden>
                    <ValueText tenant={tenant} path={path} value={value} />
                  </>
                }
                checked={sideOf(collision) === side}
                onChange={() => setChosen({ ...chosen, [keyOf(collision)]: side })}
              />
            </div>
          );
          return (
            <div role="row" key={path} className="review-row">
              <strong role="rowheader">{label}</strong>
              <div role="cell" data-label="Before">
                <ValueText tenant={tenant} path={path} value={base} />
              </div>
              {choice('mine', mine, 'yours')}
              {choice('theirs', other, who)}
            </div>
          );
        })}
      </div>
      {theirs && (
        <PreviewTable
          tenant={tenant}
          who={who}
          rows={previewOf({ base: base.resource, mine: draft, theirs: theirs.resource, collisions }, (path) => {
            const collision = collisions.find((one) => one.path === path);
            return collision && sideOf(collision);
          })}
        />
      )}
      <Group justify="space-between" className="review-foot">
        <Text size="sm">
          {decided} of {collisions.length} decided
        </Text>
        <Button
          size="compact-sm"
          disabled={decided < collisions.length}
          onClick={() => {
            const sides = new Map(collisions.map((collision) => [collision.path, sideOf(collision)]));
            onResolve((path) => sides.get(path) ?? 'theirs');
          }}
        >
          Use these
        </Button>
      </Group>
    </div>
  );
}

/** A choice is about a value that was seen: when they change the field once more, it is to be made again. */
function keyOf({ path, theirs }: Collision): string {
  return `${path} ${JSON.stringify(theirs)}`;
}
