/** Saves a file as any other download: into the browser's folder, or where the desktop's dialog says. */
export function download(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has the file by then; it would stay in memory otherwise.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
