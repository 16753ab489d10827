import { DeleteMenu } from './delete-menu.tsx';
import { useDelete } from './use-save.tsx';

interface Props {
  tenant: string;
  id: string;
  name: string;
  /** While there is something to decide first. */
  disabled: boolean;
  onDeleted: () => void;
}

/** What is done to a person more rarely. */
export function PersonMenu({ tenant, id, name, disabled, onDeleted }: Props) {
  return (
    <DeleteMenu what="person" disabled={disabled} remove={useDelete(tenant, id, onDeleted)}>
      <strong>{name}</strong> will be deleted. You can undo it right away, and the history keeps the record.
    </DeleteMenu>
  );
}
