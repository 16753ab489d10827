import { useEffect, useRef, useState } from 'react';

/**
 * Takes a file that is dropped anywhere on the window, and says that it would while one is held over it. Without this, a browser
 * would show the file instead of the window.
 */
export function FileDrop({ onFile }: { onFile: (file: File) => void }) {
  const [isOver, setOver] = useState(false);
  const latest = useRef(onFile);
  latest.current = onFile;
  useEffect(() => {
    const end = new AbortController();
    const on = (name: 'dragover' | 'dragleave' | 'drop', listener: (event: DragEvent) => void) =>
      addEventListener(name, listener, { signal: end.signal });
    on('dragover', (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = canTake() ? 'copy' : 'none';
      setOver(canTake());
    });
    on('dragleave', ({ relatedTarget }) => {
      if (relatedTarget === null) setOver(false);
    });
    on('drop', (event) => {
      setOver(false);
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      const [file] = event.dataTransfer.files;
      if (file && canTake()) latest.current(file);
    });
    return () => end.abort();
  }, []);
  return isOver ? <div className="transfer-over">Drop the file to import it</div> : undefined;
}

/** Not while a dialog is open in which something else is going on. */
function canTake(): boolean {
  const dialogs = [...document.querySelectorAll('[role="dialog"]')];
  return dialogs.every((dialog) => dialog.querySelector('.transfer-drop') !== null);
}
