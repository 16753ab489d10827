import { Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import type { Collision, Side } from '../../directory/pure.ts';
import type { Draft } from '../editor/draft.ts';
import { authorName } from '../words.ts';
import { CollisionTable } from './collision-table.tsx';
import { previewOf } from './merge-preview.ts';
import { PreviewTable } from './preview-table.tsx';

interface Props {
  tenant: string;
  draft: Draft;
  onResolve: (choose: (path: string) => Side) => void;
}

/** What both sides changed, with a choice for each field, and what the record will be. */
export function Review({ tenant, draft: { base, mine: draft, collisions, theirs }, onResolve }: Props) {
  const [chosen, setChosen] = useState<Readonly<Record<string, Side>>>({});
  const who = theirs ? authorName(theirs.author) : '';
  const sideOf = (collision: Collision) => chosen[keyOf(collision)];
  const decided = collisions.filter(sideOf).length;
  return (
    <div className="review">
      <CollisionTable
        tenant={tenant}
        label="Fields that both of you changed"
        collisions={collisions}
        names={{ mine: 'Yours', mineSpoken: 'yours', theirs: who }}
        sideOf={sideOf}
        onChoose={(collision, side) => setChosen({ ...chosen, [keyOf(collision)]: side })}
      />
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
