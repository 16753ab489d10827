import { createContext, useContext, useMemo, useState } from 'react';
import type { Kind } from './words.ts';

/** What the import is opened with. */
export interface ImportRequest {
  /** From which list. */
  kind: Kind;
  /** One that was dropped on the window. */
  file?: File;
}

/** What the export is opened with. */
export interface ExportRequest {
  kind: Kind;
  /** Where the list shows some only: who these are. */
  some?: ExportSome[];
}

/** A part of the list that can be exported alone. */
export interface ExportSome {
  label: string;
  count: number;
  /** Says at the moment of the export who they are. */
  only: () => Promise<{ filter: string } | { ids: string[] }>;
}

interface Actions {
  openImport: (request: ImportRequest) => void;
  openExport: (request: ExportRequest) => void;
}

/** How lists and menus open the import and the export. */
export const Transfer = createContext<Actions>({ openImport: () => undefined, openExport: () => undefined });

export function useTransfer(): Actions {
  return useContext(Transfer);
}

/** Which of the two is open, and with what. */
export function useTransferState() {
  const [importing, setImporting] = useState<ImportRequest>();
  const [exporting, setExporting] = useState<ExportRequest>();
  const actions = useMemo((): Actions => ({ openImport: setImporting, openExport: setExporting }), []);
  return {
    actions,
    importing,
    exporting,
    closeImport: () => setImporting(undefined),
    closeExport: () => setExporting(undefined),
  };
}
