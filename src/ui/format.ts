// Times, sizes and addresses as a person reads them, in the language of the page.
// Promises: pure but for the locale. Must not: hold words; those are in _locales.

import { textLocale } from './language/words';

/** "21 Nov 2026, 14:05" */
export function dateTime(atMs: number): string {
  return new Intl.DateTimeFormat(textLocale(), { dateStyle: 'medium', timeStyle: 'short' }).format(atMs);
}

/** "21 Nov 2026" */
export function date(atMs: number): string {
  return new Intl.DateTimeFormat(textLocale(), { dateStyle: 'medium' }).format(atMs);
}

/** "14:05" today, otherwise "21 Nov, 14:05". */
export function timeOrDate(atMs: number, nowMs: number): string {
  const isToday = new Date(atMs).toDateString() === new Date(nowMs).toDateString();
  const day = isToday ? {} : ({ day: 'numeric', month: 'short' } as const);
  return new Intl.DateTimeFormat(textLocale(), { ...day, hour: '2-digit', minute: '2-digit' }).format(atMs);
}

/** "0:07", "1:30"; never negative. */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** "412 bytes", "2.1 kB", "33.6 MB" */
export function byteSize(bytes: number): string {
  const [unit, size] =
    bytes < 1000 ? ['byte', bytes] : bytes < 1_000_000 ? ['kilobyte', bytes / 1000] : ['megabyte', bytes / 1_000_000];
  return new Intl.NumberFormat(textLocale(), {
    style: 'unit',
    unit,
    unitDisplay: unit === 'byte' ? 'long' : 'short',
    maximumFractionDigits: 1,
  }).format(size as number);
}

/** "7", "1,000" */
export function wholeNumber(count: number): string {
  return new Intl.NumberFormat(textLocale(), { maximumFractionDigits: 0 }).format(count);
}

/** "0x5AED…67DE" */
export function shortAddress(account: string): string {
  return account.length > 12 ? `${account.slice(0, 6)}…${account.slice(-4)}` : account;
}
