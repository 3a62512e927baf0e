// Hands a file to the browser's downloads, from memory of this page.
// Promises: its address exists for as long as the browser needs to read it, then no more. Must not: be given a secret that is not encrypted; an archive
// for everybody to read is the one thing of which the person was told so (src/ui/vault/archive/write-task.tsx).

/** The browser copies the bytes when it begins; a person may first be asked where to put the file. */
const readWithinMs = 60_000;

/** A file that only a secret opens. */
export const saveFile = (name: string, encrypted: Uint8Array): void =>
  save(name, new Blob([Uint8Array.from(encrypted)], { type: 'application/octet-stream' }));

/** A table that everybody can read, of what the page shows. */
export const saveTable = (name: string, csv: string): void =>
  save(name, new Blob([csv], { type: 'text/csv;charset=utf-8' }));

/** A file that is there already. */
export const saveBlob = (name: string, file: Blob): void => save(name, file);

function save(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), readWithinMs);
}
