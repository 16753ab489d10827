import { Center, Checkbox, Text } from '@mantine/core';
import { useImperativeHandle, type KeyboardEvent, type Ref } from 'react';
import type { Member } from '../../directory/pure.ts';
import { useNavigation } from '../navigation.ts';
import { MemberRowView } from './member-row.tsx';
import type { MemberRow } from './member-rows.ts';
import { useRows } from './use-rows.ts';

/** How others reach into the table. */
export interface MembersTableHandle {
  focus: () => void;
}

interface Props {
  ref: Ref<MembersTableHandle>;
  rows: readonly MemberRow[];
  /** The members of the group itself that are shown. */
  found: readonly Member[];
  /** What is said where there are no rows. */
  empty: string;
  /** Paths. */
  expanded: ReadonlySet<string>;
  onToggle: (path: string) => void;
  /** Ids of members of the group itself. */
  selected: ReadonlySet<string>;
  onSelect: (selected: ReadonlySet<string>) => void;
  onRemove: (ids: ReadonlySet<string>) => void;
  readOnly: boolean;
}

const rowHeight = 40;

/** A table of members of any length, in which groups open to show theirs (WAI-ARIA treegrid). */
export function MembersTable(props: Props) {
  const { ref, rows: all, found, empty, expanded, onToggle, selected, onSelect, onRemove, readOnly } = props;
  const { scroller, rows, active, setActive, moveBy, focusActive } = useRows(all.length, rowHeight);
  const go = useNavigation();
  useImperativeHandle(ref, () => ({ focus: () => focusActive() }));
  const open = ({ value, type }: Member) => go({ kind: type === 'Group' ? 'group' : 'person', id: value });
  const select = ({ level, kind, path }: MemberRow) => {
    if (level > 1 || kind !== 'member' || readOnly) return;
    const next = new Set(selected);
    if (!next.delete(path)) next.add(path);
    onSelect(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const row = all[active];
    // Keys in a row's own checkbox and buttons are theirs.
    const inControl = event.target instanceof Element && event.target.closest('button, input, a') !== null;
    if (moveBy(event) || row?.kind !== 'member' || inControl) return;
    const isOpen = expanded.has(row.path);
    switch (event.key) {
      case 'Enter':
        return open(row.member);
      case ' ':
        event.preventDefault();
        return select(row);
      case 'ArrowRight':
        if (row.member.type === 'Group' && !isOpen) onToggle(row.path);
        return;
      case 'ArrowLeft':
        if (isOpen) onToggle(row.path);
        return;
      case 'Delete':
        if (row.level === 1) onRemove(selected.size > 0 ? selected : new Set([row.path]));
    }
  };
  // Groups come first.
  const hasGroups = found[0]?.type === 'Group';
  const isAll = found.length > 0 && found.every(({ value }) => selected.has(value));
  return (
    <div
      role="treegrid"
      aria-label="Members"
      aria-multiselectable
      aria-rowcount={all.length + 1}
      className="members-table"
      data-flat={!hasGroups}
    >
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className="table-row table-head member-columns">
          <span role="columnheader">
            <Checkbox
              size="xs"
              aria-label="Choose all"
              disabled={readOnly || found.length === 0}
              checked={isAll}
              indeterminate={!isAll && selected.size > 0}
              onChange={() => onSelect(isAll ? new Set() : new Set(found.map(({ value }) => value)))}
            />
          </span>
          <span role="columnheader" className="heading">
            Name
          </span>
          <span role="columnheader" className="heading">
            Kind
          </span>
          <span role="columnheader" aria-label="Remove" />
        </div>
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- the rows inside are what is focused */}
      <div role="rowgroup" ref={scroller} className="scroll" onKeyDown={onKeyDown}>
        {all.length === 0 ? (
          <div role="row">
            <div role="gridcell">
              <Center p="xl">
                <Text size="sm" ta="center">
                  {empty}
                </Text>
              </Center>
            </div>
          </div>
        ) : (
          <div role="presentation" style={{ height: rows.getTotalSize(), position: 'relative' }}>
            {rows.getVirtualItems().map(({ index, start }) => {
              const row = all[index];
              return (
                row && (
                  <MemberRowView
                    key={row.path}
                    row={row}
                    index={index}
                    top={start}
                    height={rowHeight}
                    isActive={index === active}
                    isSelected={row.level === 1 && selected.has(row.path)}
                    isExpanded={expanded.has(row.path)}
                    readOnly={readOnly}
                    onActivate={() => setActive(index)}
                    onOpen={open}
                    onToggle={() => onToggle(row.path)}
                    onSelect={() => select(row)}
                    onRemove={() => onRemove(new Set([row.path]))}
                  />
                )
              );
            })}
          </div>
        )}
      </div>
    </div>
  );
}
