import { Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import type { Collision, Side } from '../../directory/pure.ts';
import type { Draft } from '../editor/draft.ts';
import { authorName } from '../words.ts';
import { CollisionTable } from './collision-table.tsx';

interface Props {
  tenant: string;
  draft: Draft;
  onResolve: (choose: (path: string) => Side) => void;
}

/** What both sides changed, with a choice for each field. */
export function Review({ tenant, draft: { collisions, theirs }, onResolve }: Props) {
  const [chosen, setChosen] = useState<Readonly<Record<string, Side>>>({});
  const sideOf = (collision: Collision) => chosen[keyOf(collision)];
  const decided = collisions.filter(sideOf).length;
  return (
    <div className="review">
      <CollisionTable
        tenant={tenant}
        label="Fields that both of you changed"
        collisions={collisions}
        names={{ mine: 'Yours', mineSpoken: 'yours', theirs: theirs ? authorName(theirs.author) : '' }}
        sideOf={sideOf}
        onChoose={(collision, side) => setChosen({ ...chosen, [keyOf(collision)]: side })}
      />
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
