// Hands a file to the browser's downloads, from memory of this page.
// Promises: its address exists for as long as the browser needs to read it, then no more. Must not: be given anything that is not encrypted.

/** The browser copies the bytes when it begins; a person may first be asked where to put the file. */
const readWithinMs = 60_000;

export function saveFile(name: string, encrypted: Uint8Array): void {
  const url = URL.createObjectURL(new Blob([Uint8Array.from(encrypted)], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), readWithinMs);
}
