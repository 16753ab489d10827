import type { FieldChange, Json } from '../../directory/pure.ts';
import { ValueText } from '../editor/value-text.tsx';
import { memberChangesOf } from '../groups/member-changes.ts';
import { labelOf, listOf } from '../words.ts';

const shownMax = 12;
const namesMax = 8;

/** What a change was about, field by field; of a group, who came and who left. */
export function ChangeLines({ tenant, changes }: { tenant: string; changes: readonly FieldChange[] }) {
  const fields = changes.filter(({ path }) => !path.startsWith('members'));
  const { added, removed } = memberChangesOf({ changes: [...changes] });
  // Of very many, only how many there were and are is told.
  const count = changes.find(({ path }) => path === 'members');
  return (
    <div className="history-changes">
      {fields.slice(0, shownMax).map(({ path, before, after }) => (
        <p key={path}>
          {labelOf(path)}:{' '}
          {before !== undefined && (
            <s>
              <ValueText tenant={tenant} path={path} value={before} />
            </s>
          )}
          {before !== undefined && ' → '}
          <ValueText tenant={tenant} path={path} value={after} />
        </p>
      ))}
      {fields.length > shownMax && <p>… and {fields.length - shownMax} more</p>}
      {added.length > 0 && (
        <p>
          {added.length === 1 ? 'New member' : `${added.length} new members`}: {names(added)}
        </p>
      )}
      {removed.length > 0 && (
        <p>
          {removed.length === 1 ? 'No member any more' : `${removed.length} no members any more`}: {names(removed)}
        </p>
      )}
      {count && (
        <p>
          Number of members: <s>{countOf(count.before)}</s> → {countOf(count.after)}
        </p>
      )}
    </div>
  );
}

function names(list: readonly { display: string }[]): string {
  return listOf(
    list.map(({ display }) => display || 'somebody who is not here any more'),
    namesMax,
  );
}

function countOf(value: Json | undefined): string {
  return typeof value === 'number' ? value.toLocaleString('en') : '0';
}
