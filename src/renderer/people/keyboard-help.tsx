import { Kbd, Modal, Table } from '@mantine/core';
import { keysText } from '../commands.ts';

const keys: { keys: string[]; what: string }[] = [
  { keys: ['↑', '↓', 'Page Up', 'Page Down', 'Home', 'End'], what: 'Move' },
  { keys: ['Enter'], what: 'Open the person' },
  { keys: ['Space'], what: 'Select, or take out of the selection' },
  { keys: ['Shift ↑', 'Shift ↓', 'Shift Space'], what: 'Select a range' },
  { keys: [keysText('mod+A')], what: 'Select all that match, up to 1,000' },
  { keys: ['Esc'], what: 'Select nobody' },
  { keys: ['/', keysText('mod+F')], what: 'Search' },
  { keys: ['?'], what: 'These keys' },
];

/** What the keyboard does in the table of people. */
export function KeyboardHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keys of this table">
      <Table verticalSpacing={6} withRowBorders={false}>
        <Table.Tbody>
          {keys.map((row) => (
            <Table.Tr key={row.what}>
              <Table.Th scope="row" fw={400} w="46%">
                {row.what}
              </Table.Th>
              <Table.Td>
                {row.keys.map((key) => (
                  <Kbd key={key} mr={4} style={{ whiteSpace: 'nowrap' }}>
                    {key}
                  </Kbd>
                ))}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
