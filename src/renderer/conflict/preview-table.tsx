import { Badge, Text } from '@mantine/core';
import { ValueText } from '../editor/value-text.tsx';
import { labelOf } from '../words.ts';
import type { PreviewRow } from './merge-preview.ts';

/** What the record will be, before it is saved. */
export function PreviewTable({ tenant, rows, who }: { tenant: string; rows: readonly PreviewRow[]; who: string }) {
  const owners: Record<NonNullable<PreviewRow['from']>, string> = { mine: 'Yours', theirs: who, both: 'Both alike' };
  return (
    <div className="preview">
      <Text size="sm" fw={600}>
        What will be saved
      </Text>
      <div role="table" aria-label="What will be saved">
        {rows.map(({ path, before, after, from }) => (
          <div role="row" key={path} className="preview-row">
            <span role="rowheader">{labelOf(path)}</span>
            <span role="cell">
              {from === undefined ? (
                <Text span size="sm" c="dimmed" fs="italic">
                  not decided yet
                </Text>
              ) : (
                <>
                  {before !== undefined && (
                    <>
                      <del>
                        <ValueText tenant={tenant} path={path} value={before} />
                      </del>{' '}
                    </>
                  )}
                  <ValueText tenant={tenant} path={path} value={after} />
                </>
              )}
            </span>
            <span role="cell">
              {from !== undefined && (
                <Badge
                  variant="outline"
                  size="sm"
                  color="gray"
                  c="var(--mantine-color-text)"
                  className="preview-owner"
                  data-from={from}
                >
                  {owners[from]}
                </Badge>
              )}
            </span>
          </div>
        ))}
      </div>
    </div>
  );
}
