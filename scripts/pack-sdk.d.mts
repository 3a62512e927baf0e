// Types of pack-sdk.mjs, for the tests.
export interface PackedSdk {
  tarball: string;
  files: string[];
}
export function packSdk(built: string, folder: string): Promise<PackedSdk>;
export function installSdk(packed: { tarball: string }, project: string): Promise<string>;
