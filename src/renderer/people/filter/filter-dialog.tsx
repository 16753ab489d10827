import { Button, Divider, Group, Modal, SegmentedControl, Stack, Text, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { messageOf, queryClient, trpc } from '../../connection.ts';
import type { Field } from '../fields.ts';
import { ConditionRow } from './condition-row.tsx';
import { conditionFor, type Condition, type Conditions } from './conditions.ts';
import { fromFilterText, toFilterText } from './filter-text.ts';
import { SavedFilters, SaveFilter } from './saved-filters.tsx';

interface Props {
  tenant: string;
  fields: readonly Field[];
  /** The filter in force. */
  filter: string;
  opened: boolean;
  onClose: () => void;
  onApply: (filter: string) => void;
}

/** Builds a filter from rows, or takes it as text; what is in force changes only when it is applied. */
export function FilterDialog(props: Props) {
  const { opened, onClose } = props;
  return (
    <Modal opened={opened} onClose={onClose} title="Filter people" size={680}>
      <Builder {...props} />
    </Modal>
  );
}

const countDelayMs = 300;
/** What fits into an address, with the rest of a request. */
const filterLengthMax = 2000;

/** Mounted with each opening, so that it begins with the filter in force. */
function Builder({ tenant, fields, filter, onClose, onApply }: Props) {
  const [text, setText] = useState(filter);
  const [conditions, setConditions] = useState<Conditions | undefined>(() => beginning(filter, fields));
  const [failure, setFailure] = useState<string>();
  const [counted] = useDebouncedValue(text.trim(), countDelayMs);
  const count = (filter: string) => trpc.people.list.queryOptions({ tenant, filter, offset: 0, limit: 1 });
  const found = useQuery({ ...count(counted), enabled: counted !== '' });
  const isCounted = counted === text.trim();
  const error = failure ?? (isCounted && found.error ? messageOf(found.error) : undefined);

  const build = (next: Conditions) => {
    setConditions(next);
    setText(toFilterText(next, fields));
    setFailure(undefined);
  };
  const write = (typed: string) => {
    setText(typed);
    setConditions(fromFilterText(typed, fields));
    setFailure(undefined);
  };
  const setRows = (rows: readonly Condition[]) => build({ match: conditions?.match ?? 'all', rows });
  const apply = async (chosen: string) => {
    if (chosen !== '')
      try {
        await queryClient.fetchQuery(count(chosen));
      } catch (problem) {
        setFailure(messageOf(problem));
        return;
      }
    onApply(chosen);
    onClose();
  };
  const rows = conditions?.rows ?? [];
  const first = fields.find(({ path }) => path.endsWith(':department')) ?? fields[0];
  return (
    <form
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        void apply(text.trim());
      }}
    >
      <Stack>
        <SavedFilters
          tenant={tenant}
          filter={text.trim()}
          onUse={(saved) => {
            write(saved);
            void apply(saved);
          }}
        />
        {conditions === undefined ? (
          <Group justify="space-between">
            <Text size="sm">This filter was written by hand.</Text>
            <Button
              variant="default"
              size="compact-sm"
              onClick={() => first && build({ match: 'all', rows: [conditionFor(first)] })}
            >
              Start again with conditions
            </Button>
          </Group>
        ) : (
          <>
            {rows.length > 1 && (
              <Group gap="xs">
                <Text size="sm">People for whom</Text>
                <SegmentedControl
                  size="xs"
                  aria-label="How conditions are joined"
                  value={conditions.match}
                  onChange={(match) => build({ ...conditions, match })}
                  data={[
                    { value: 'all', label: 'all are true' },
                    { value: 'any', label: 'any is true' },
                  ]}
                />
              </Group>
            )}
            <Stack gap={8}>
              {rows.map((condition, index) => (
                <ConditionRow
                  // Rows have no identity of their own while they are edited; their place is the steadiest thing about them.
                  // oxlint-disable-next-line react/no-array-index-key
                  key={index}
                  tenant={tenant}
                  fields={fields}
                  condition={condition}
                  place={index + 1}
                  onChange={(changed) => setRows(rows.with(index, changed))}
                  onRemove={() => setRows(rows.toSpliced(index, 1))}
                />
              ))}
            </Stack>
            <div>
              <Button
                variant="default"
                size="compact-sm"
                leftSection={<IconPlus size={14} aria-hidden />}
                onClick={() => first && setRows([...rows, conditionFor(first)])}
              >
                Add a condition
              </Button>
            </div>
          </>
        )}
        <Divider />
        <Textarea
          label="As text"
          description="A SCIM filter, as AI clients and programs write it. You can change it by hand."
          value={text}
          error={error}
          maxLength={filterLengthMax}
          onChange={(event) => write(event.currentTarget.value)}
          autosize
          minRows={2}
          maxRows={8}
          spellCheck={false}
          classNames={{ input: 'people-text' }}
        />
        <SaveFilter tenant={tenant} filter={error === undefined ? text.trim() : ''} />
        <Group justify="space-between">
          <Text size="sm" c="dimmed" aria-live="polite">
            {text.trim() === '' ? 'Everybody' : isCounted && found.data && !error ? countText(found.data.total) : ' '}
          </Text>
          <Group gap="xs">
            {filter !== '' && (
              <Button variant="subtle" onClick={() => void apply('')}>
                Clear
              </Button>
            )}
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit">Apply</Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}

function beginning(filter: string, fields: readonly Field[]): Conditions | undefined {
  const first = fields.find(({ path }) => path.endsWith(':department')) ?? fields[0];
  if (filter === '' && first) return { match: 'all', rows: [conditionFor(first)] };
  return fromFilterText(filter, fields);
}

function countText(total: number): string {
  return total === 1 ? '1 person matches' : `${total.toLocaleString('en')} people match`;
}
