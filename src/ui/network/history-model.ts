// How far the conversations of an account are read. Pure.
// Promises: comes to an end: a page without anything in it that points at itself is the last one.
import type { HistoryPage } from '../../contract/pages/network';

export interface Reading {
  /** Invitations looked at, and conversations that were new, so far. */
  seen: number;
  added: number;
  cursor: string | null;
  isAtEnd: boolean;
}

export const nothingRead: Reading = { seen: 0, added: 0, cursor: null, isAtEnd: false };

/** The reading after one more page. */
export function afterPage(before: Reading, page: HistoryPage): Reading {
  const isStill = page.seen === 0 && page.cursor === before.cursor;
  return {
    seen: before.seen + page.seen,
    added: before.added + page.added,
    cursor: page.cursor,
    isAtEnd: page.cursor === null || isStill,
  };
}
