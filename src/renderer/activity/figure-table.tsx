interface FigureRow {
  id: string;
  name: string;
  /** What the row belongs to. */
  sub?: string;
}

interface Column<Row> {
  name: string;
  text: (row: Row) => string;
  isBad?: (row: Row) => boolean;
  /** Of the greatest, 0 to 1, for a bar below the figure. */
  share?: (row: Row) => number;
}

/** A table of figures; in a narrow window each row is a card, and each figure says what it is. */
export function FigureTable<Row extends FigureRow>(props: {
  /** What the rows are; the head of the first column. */
  of: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
}) {
  const { of, rows, columns } = props;
  return (
    <table className="activity-table">
      <thead>
        <tr>
          {[of, ...columns.map(({ name }) => name)].map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id}>
            <th scope="row">
              <bdi>{row.name}</bdi>
              {row.sub !== undefined && <span className="sub">{row.sub}</span>}
            </th>
            {columns.map(({ name, text, isBad, share }) => (
              <td key={name} data-label={name} data-bad={isBad?.(row)}>
                {share ? (
                  <div className="activity-bar">
                    <span>{text(row)}</span>
                    <div style={{ width: `${share(row) * 100}%` }} />
                  </div>
                ) : (
                  text(row)
                )}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
