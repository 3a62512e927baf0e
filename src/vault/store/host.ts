// What the vault needs from whatever runs it: a clock, randomness, two key-value areas, and named checkpoints.
// Promises: the vault touches nothing else of the outside but IndexedDB and WebCrypto, so that it runs the same in node tests.
// Must not: name an extension API. background/browser/host fills this in.

/** A small asynchronous key-value area: `storage.session`, `storage.local`, or a map in tests. */
export interface KeyValueArea {
  /** All items, or those of the given keys that exist. */
  get(keys: string[] | null): Promise<Record<string, unknown>>;
  set(items: Record<string, unknown>): Promise<void>;
  remove(keys: string[]): Promise<void>;
  /** Names of all items, without reading them. Absent where the browser cannot tell. */
  keys?: () => Promise<string[]>;
  /** How many bytes an item takes, about, without reading it; 0 when it is not there. Absent where the browser cannot tell. */
  bytesOf?: (key: string) => Promise<number>;
}

export interface VaultHost {
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Cryptographically secure random bytes. */
  randomBytes(length: number): Uint8Array<ArrayBuffer>;
  /** The core of the curve, a file of the package. Absent: noble computes. */
  curveCore?: () => Promise<ArrayBuffer>;
  /** Hears what computes, when that is decided and when it changes. Undefined in the store build. */
  onCurve?: ((name: 'core' | 'noble') => void) | undefined;
  /** What trying one passphrase of a file costs, as a power of 2. Undefined in the store build: the files' own number (`backup/file.ts`). */
  fileWorkFactor?: number | undefined;
  /** Name of the IndexedDB database. */
  databaseName: string;
  /** Milliseconds the activity log rests between two transactions; absent: its own number. Tests that act one after the other set 0. */
  logRestMs?: number;
  /**
   * Whether the disk has room. A write that Chromium cannot finish tears its log, and the next time it opens that log it deletes the whole
   * database; so nothing is written or opened then. Absent where nobody can tell.
   */
  hasRoom?: () => Promise<boolean>;
  /** Memory only, gone when the browser closes (storage.session). */
  session: KeyValueArea;
  /**
   * The second copy (storage.local). Holds ciphertext and clear headers only. In Firefox a compromised page process can write it at any
   * time: nothing in it is believed before a MAC fits.
   */
  mirror: KeyValueArea;
  /** "chrome-extension://<id>" or "moz-extension://<uuid>": bound into the unlock text. */
  extensionOrigin: string;
  /**
   * Called before and after every awaited step with its label, `"<step>:before"` and `"<step>:after"`. A test can stop the
   * worker there. Undefined in the store build.
   */
  checkpoint: ((label: string) => Promise<void>) | undefined;
}
