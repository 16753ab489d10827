import type { Directory } from '../directory/index.ts';
import { activeSpan, beginSpan, errorType, failSpan, inSpan } from '../observe/index.ts';

/** Traces each write of a call, with the commit that brought it onto the disk together with others. What it wrote stays untold. */
export function traceWrites({ load }: Pick<Directory, 'load'>): void {
  load.onWrite(() => {
    // Tandem's own bookkeeping is no part of anybody's trace.
    if (!activeSpan()) return undefined;
    const span = beginSpan('directory.write', { kind: 'internal' });
    return ({ writes, ms }, failure) => {
      const ended = performance.timeOrigin + performance.now();
      const attributes = {
        'db.system.name': 'sqlite',
        'db.operation.name': 'COMMIT',
        // Of one there is no batch.
        ...(writes > 1 && { 'db.operation.batch.size': writes }),
      };
      inSpan(span, () => beginSpan('COMMIT', { kind: 'client', attributes, startTime: ended - ms }))?.end(ended);
      if (failure !== undefined) failSpan(span, errorType(failure));
      span?.end(ended);
    };
  });
}
