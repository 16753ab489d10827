import { Text } from '@mantine/core';
import { memo, type MouseEvent } from 'react';
import type { Author, Presence, UserSummary } from '../../directory/pure.ts';
import { Avatars } from '../presence/avatars.tsx';
import { byName } from '../words.ts';
import { cellText, type Column } from './columns/columns.ts';

interface Props {
  /** Place in the list, from 0. */
  index: number;
  top: number;
  height: number;
  /** Absent while its page is read. */
  person: UserSummary | undefined;
  columns: readonly Column[];
  isActive: boolean;
  isOpen: boolean;
  isSelected: boolean;
  isDraft: boolean;
  /** Who changed the person a moment ago. */
  changedBy: Author | undefined;
  /** Who else is at the person. */
  present: readonly Presence[] | undefined;
  /** @param isBox whether the box was pressed, which selects. */
  onPick: (index: number, id: string | undefined, event: MouseEvent, isBox: boolean) => void;
}

/** One row of the table of people. */
export const PersonRow = memo(function PersonRow(props: Props) {
  const { index, top, height, person, columns, isActive, isOpen, isSelected, isDraft, changedBy, present, onPick } = props;
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the table around it has the keys
    <div
      role="row"
      className="table-row people-row"
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      aria-current={isOpen || undefined}
      tabIndex={isActive ? 0 : -1}
      style={{ height, transform: `translateY(${top}px)` }}
      onClick={(event) => onPick(index, person?.id, event, false)}
    >
      {person ? (
        <>
          {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- Space does the same in the row */}
          <span
            role="gridcell"
            className="people-check"
            tabIndex={-1}
            onClick={(event) => {
              event.stopPropagation();
              onPick(index, person.id, event, true);
            }}
          >
            <input type="checkbox" tabIndex={-1} aria-label={`Select ${person.displayName}`} checked={isSelected} readOnly />
          </span>
          <span role="gridcell" className="cell">
            <span className="name">
              <bdi className="cell">{person.displayName}</bdi>
              {isDraft && (
                <Text span size="xs" fw={600} className="brand">
                  draft
                </Text>
              )}
              {present && <Avatars present={present} />}
            </span>
            <span className="sub">
              {changedBy ? `changed by ${byName(changedBy)} just now` : person.title || person.userName}
            </span>
          </span>
          <Cells person={person} columns={columns} />
        </>
      ) : (
        <span role="gridcell" className="cell" aria-label="Loading" style={{ gridColumn: '2 / -1' }}>
          …
        </span>
      )}
    </div>
  );
});

function Cells({ person, columns }: { person: UserSummary; columns: readonly Column[] }) {
  let asked = -1;
  return columns.map((column) => {
    // The directory answers what it was asked for in the order of the columns that no row has by itself.
    if (column.summary === undefined) asked += 1;
    const text = cellText(column, person, column.summary === undefined ? person.values?.[asked] : undefined);
    return (
      <span key={column.path} role="gridcell" className="cell" title={text}>
        {text}
      </span>
    );
  });
}
