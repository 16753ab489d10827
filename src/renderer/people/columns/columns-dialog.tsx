import { ActionIcon, Button, Checkbox, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useRef, type ReactNode } from 'react';
import { client, messageOf, queryClient, trpc } from '../../connection.ts';
import { isCommon, moved, type Column } from './columns.ts';

interface Props {
  tenant: string;
  all: readonly Column[];
  shown: readonly Column[];
  /** Whether nothing was chosen yet. */
  isUsual: boolean;
  opened: boolean;
  onClose: () => void;
}

const columnsMax = 20;

/** The choice of columns and of their order; each step is kept at once. */
export function ColumnsDialog({ tenant, all, shown, isUsual, opened, onClose }: Props) {
  const { queryKey } = trpc.columns.get.queryOptions({ tenant });
  const keep = useMutation({
    mutationFn: (paths: readonly string[] | null) => client.columns.set.mutate({ tenant, paths: paths && [...paths] }),
    onMutate: (paths) => queryClient.setQueryData(queryKey, paths && [...paths]),
    onError: () => queryClient.invalidateQueries({ queryKey }),
  });
  const body = useRef<HTMLDivElement>(null);
  const paths = shown.map(({ path }) => path);
  const hidden = all.filter(({ path }) => !paths.includes(path));
  const common = hidden.filter(isCommon);
  const rest = hidden.filter((column) => !isCommon(column));
  const sections = [...new Set(rest.map(({ section }) => section))];
  const set = (next: readonly string[] | null, focus?: string) => {
    keep.mutate(next);
    // A row that moves in the page loses the focus.
    if (focus !== undefined)
      requestAnimationFrame(() => body.current?.querySelector<HTMLElement>(`[data-focus="${CSS.escape(focus)}"]`)?.focus());
  };
  const move = (from: number, to: number, focus: string) => to >= 0 && to < paths.length && set(moved(paths, from, to), focus);
  return (
    <Modal opened={opened} onClose={onClose} title="Columns">
      <Stack ref={body}>
        <Text size="sm" c="dimmed">
          The name always comes first. The others follow in this order:
        </Text>
        <Stack component="ul" gap={2} m={0} p={0} aria-label="Columns" style={{ listStyle: 'none' }}>
          {[...shown, ...common].map(({ path, label }, index) => {
            const isShown = index < shown.length;
            return (
              <Group component="li" key={path} gap={4} wrap="nowrap" mih={32}>
                <Checkbox
                  flex={1}
                  label={label}
                  data-focus={path}
                  checked={isShown}
                  disabled={!isShown && shown.length >= columnsMax}
                  onChange={() => set(isShown ? paths.filter((other) => other !== path) : [...paths, path], path)}
                />
                {isShown && (
                  <>
                    <Step
                      label={`Move ${label} up`}
                      focus={`${path} up`}
                      disabled={index === 0}
                      onClick={() => move(index, index - 1, `${path} up`)}
                    >
                      <IconArrowUp size={16} aria-hidden />
                    </Step>
                    <Step
                      label={`Move ${label} down`}
                      focus={`${path} down`}
                      disabled={index === shown.length - 1}
                      onClick={() => move(index, index + 1, `${path} down`)}
                    >
                      <IconArrowDown size={16} aria-hidden />
                    </Step>
                  </>
                )}
              </Group>
            );
          })}
        </Stack>
        {shown.length < columnsMax && (
          <Select
            label="Another column"
            placeholder="Choose …"
            searchable
            data={sections.map((group) => ({
              group,
              items: rest.filter(({ section }) => section === group).map(({ path: value, label }) => ({ value, label })),
            }))}
            value={null}
            onChange={(path) => path !== null && set([...paths, path])}
            nothingFoundMessage="No column has this name"
          />
        )}
        {keep.error && (
          <Text size="sm" c="red" role="alert">
            {messageOf(keep.error)}
          </Text>
        )}
        <Group justify="space-between">
          <Button variant="default" disabled={isUsual} onClick={() => set(null)}>
            Use the usual columns
          </Button>
          <Button onClick={onClose}>Done</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

interface StepProps {
  label: string;
  focus: string;
  disabled: boolean;
  onClick: () => void;
  children: ReactNode;
}

/** A button that keeps the focus when it has nothing more to do. */
function Step({ label, focus, disabled, onClick, children }: StepProps) {
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={30}
      aria-label={label}
      data-focus={focus}
      aria-disabled={disabled}
      style={disabled ? { opacity: 0.4 } : undefined}
      onClick={onClick}
    >
      {children}
    </ActionIcon>
  );
}
