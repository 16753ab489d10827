import { ActionIcon, Checkbox } from '@mantine/core';
import { IconChevronDown, IconChevronRight, IconUser, IconUsersGroup, IconX } from '@tabler/icons-react';
import type { Member } from '../../directory/pure.ts';
import type { MemberRow } from './member-rows.ts';

interface Props {
  row: MemberRow;
  /** Its place among the rows that are shown. */
  index: number;
  top: number;
  height: number;
  isActive: boolean;
  isSelected: boolean;
  isExpanded: boolean;
  readOnly: boolean;
  onActivate: () => void;
  onOpen: (member: Member) => void;
  onToggle: () => void;
  onSelect: () => void;
  onRemove: () => void;
}

const words = { loading: 'Loading …', empty: 'Nobody is in this group.', failed: 'Its members could not be read.' };

/** One member. Of a group inside, the members are shown and opened, but removed where they belong. */
export function MemberRowView(props: Props) {
  const { row, index, top, height, isActive, isSelected, isExpanded, readOnly } = props;
  const { onActivate, onOpen, onToggle, onSelect, onRemove } = props;
  const place = { height, transform: `translateY(${top}px)` };
  const indent = { paddingInlineStart: (row.level - 1) * 24 };
  const tabIndex = isActive ? 0 : -1;
  const common = { role: 'row', 'aria-rowindex': index + 2, 'aria-level': row.level, tabIndex, style: place } as const;
  if (row.kind === 'word')
    return (
      <div {...common} className="table-row member-columns">
        <span role="gridcell" />
        <span role="gridcell" className="cell dimmed" style={indent}>
          {words[row.word]}
        </span>
      </div>
    );
  const { member, level } = row;
  const isGroup = member.type === 'Group';
  const name = member.display || 'without a name';
  const Icon = isGroup ? IconUsersGroup : IconUser;
  const Chevron = isExpanded ? IconChevronDown : IconChevronRight;
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the group above has the keys
    <div
      {...common}
      className="table-row member-columns"
      aria-selected={isSelected}
      {...(isGroup && { 'aria-expanded': isExpanded })}
      onClick={(event) => {
        onActivate();
        // A control's icon is no HTML element.
        if (event.target instanceof Element && event.target.closest('button, input') !== null) return;
        onOpen(member);
      }}
    >
      <span role="gridcell">
        {level === 1 && (
          <Checkbox
            size="xs"
            aria-label={`Choose ${name}`}
            tabIndex={tabIndex}
            disabled={readOnly}
            checked={isSelected}
            onChange={onSelect}
          />
        )}
      </span>
      <span role="gridcell" className="cell member-name" style={indent}>
        {isGroup ? (
          <ActionIcon
            size="sm"
            variant="subtle"
            color="gray"
            tabIndex={tabIndex}
            aria-label={isExpanded ? `Hide the members of ${name}` : `Show the members of ${name}`}
            onClick={onToggle}
          >
            <Chevron size={16} aria-hidden />
          </ActionIcon>
        ) : (
          <span className="no-chevron" />
        )}
        <Icon size={16} aria-hidden className="member-icon" />
        <bdi className="cell">{name}</bdi>
      </span>
      <span role="gridcell" className="cell dimmed">
        {isGroup ? 'Group' : 'Person'}
      </span>
      <span role="gridcell">
        {level === 1 && !readOnly && (
          <ActionIcon
            size="md"
            variant="subtle"
            color="gray"
            tabIndex={tabIndex}
            aria-label={`Remove ${name}`}
            onClick={onRemove}
          >
            <IconX size={16} aria-hidden />
          </ActionIcon>
        )}
      </span>
    </div>
  );
}
