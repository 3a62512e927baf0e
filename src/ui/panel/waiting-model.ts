// What waits, by site, as the side panel lists it.
// Promises: pure; the site that waits longest stands first; sites without a window are left to the list that says so.
import type { HeldBack, ShownCard } from '../../contract/pages/approvals';

export type Wish = ShownCard['shown']['kind'];

export interface WaitingSite {
  origin: string;
  /** How many requests wait, those that share a card counted each. */
  requests: number;
  /** What it wants, each kind once, oldest first. */
  wishes: Wish[];
}

export function waitingSites(cards: readonly ShownCard[], held: readonly HeldBack[]): WaitingSite[] {
  const sites = new Map<string, WaitingSite>();
  for (const { origin, joined, shown } of cards.toSorted((one, other) => one.createdAtMs - other.createdAtMs)) {
    if (held.some((site) => site.origin === origin)) continue;
    const site = sites.get(origin) ?? { origin, requests: 0, wishes: [] };
    sites.set(origin, site);
    site.requests += joined;
    if (!site.wishes.includes(shown.kind)) site.wishes.push(shown.kind);
  }
  return [...sites.values()];
}
