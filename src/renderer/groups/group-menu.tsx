import { DeleteMenu } from '../editor/delete-menu.tsx';
import { useDeleteGroup } from './use-group.ts';

interface Props {
  tenant: string;
  id: string;
  name: string;
  count: number | undefined;
  /** While there is something to decide first. */
  disabled: boolean;
  onDeleted: () => void;
}

/** What is done to a group more rarely. */
export function GroupMenu({ tenant, id, name, count = 0, disabled, onDeleted }: Props) {
  const members = count === 1 ? 'Its member stays' : `Its ${count.toLocaleString('en')} members stay`;
  return (
    <DeleteMenu what="group" disabled={disabled} remove={useDeleteGroup(tenant, id, onDeleted)}>
      <strong>{name}</strong> will be deleted. {count === 0 ? 'It has no members.' : `${members} in the directory.`} You can undo
      it right away, and the history keeps the record.
    </DeleteMenu>
  );
}
