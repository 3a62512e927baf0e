// Types of notices.mjs, for vite.config.ts and tests.
import type { Plugin } from 'vite';

export interface PackageNotice {
  name: string;
  version: string;
  license: string;
  source: string;
  texts: string[];
}
/** The folder of the package that a module is from; undefined for what is ours. */
export function packageFolder(id: string, root: string): string | undefined;
export function noticeOf(folder: string, modules: readonly string[]): PackageNotice;
export function noticeText(words: string, notices: readonly PackageNotice[]): string;
export function notices(root: string): { seen: Plugin; written: Plugin };
