// What the person is shown and when: which of our windows a waiting request brings up.
// Promises: unlocking comes first, and alone, for a site with a grant, and never because a stranger asked (R-B6); one window for an
// origin's first request, later ones wait behind it unless the person clicked in the page; a stranger's gets one only when it has a turn
// (R-B8), else the badge; what was closed for now stays closed until then; a worker that died in the middle of an unlock does not leave a request without a window; a request goes
// on waiting where nothing can be shown.
// Must not: decide a request.
import type { ApprovalCard, HeldBack } from '../../contract/pages/approvals';
import type { ApprovalRecord } from '../../vault/consent/approvals/approvals';
import type { KeyValueArea } from '../../vault/store/host';
import type { Vault } from '../../vault/vault';
import { createStrangerTurns } from './stranger-turns';
import type { Windows } from './windows';

export interface Prompts {
  /** Brings up what the person has to see now; nothing when nothing waits. Never rejects: what cannot be shown is on the badge. */
  present(): Promise<void>;
  /**
   * A person asked for what waits, with the requests of `origin` first: nothing is held back any more. Rejects when the browser shows
   * nothing.
   */
  showWaiting(origin?: string): Promise<void>;
  /**
   * A request was recorded. `isNew` is false for a request that was sent again or joined another: then it is shown only if no worker has shown it.
   * `isClicked`: it came after a click or a key in its page, which brings back a window that was closed. Never rejects: whether it can be shown is
   * not whether it waits. `tabId`: the tab of its page, beside which a window comes up.
   */
  presentRecord(record: ApprovalRecord, isNew: boolean, isClicked: boolean, tabId?: number): Promise<void>;
  /** At the start of a worker: goes on where one died between an unlock and what waited for it. Never rejects. */
  resume(): Promise<void>;
  /** The origins whose requests wait on the badge only, because they asked too often. */
  heldBack(): Promise<HeldBack[]>;
  /** A person lets the origin open windows again. What waits of it stays where it is. */
  allow(origin: string): Promise<void>;
  /** Grants were given or ended: what a site that has one opened as a stranger no longer counts. Never rejects. */
  grantsChanged(): Promise<void>;
  /** The cards in the order in which they are shown: those a person asked for before the others. */
  inOrder<Card extends ApprovalCard>(cards: readonly Card[]): Promise<Card[]>;
}

/**
 * Nonces of cards, which change with what a card shows: `presented` had their window, or wait behind one that had; `held` wait on the
 * badge only.
 */
interface Known {
  presented: string[];
  held: string[];
  /** The origin a person asked to see. */
  first?: string | undefined;
}
const key = 'presented';

export function createPrompts(options: {
  vault: Pick<Vault, 'approvals' | 'grants' | 'state'>;
  windows: Pick<Windows, 'show' | 'lastShown'>;
  session: KeyValueArea;
  nowMs: () => number;
  /** Called once for each record that is new to this worker, before anything is shown. */
  onRecord: () => Promise<void>;
  /** A request of the origin waits and may be told of: it is not held back. */
  onWaits?: (origin: string) => void;
}): Prompts {
  const { vault, windows, session, nowMs, onRecord, onWaits } = options;
  const turns = createStrangerTurns({ session, nowMs });
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };
  const quietly = (work: Promise<void>) => work.catch(() => undefined);

  async function read(): Promise<Known> {
    return { presented: [], held: [], ...((await session.get([key]))[key] as Partial<Known> | undefined) };
  }

  /** Writes down what is known of the cards that wait. */
  async function write({ presented, held, first }: Known, cards: readonly ApprovalCard[]): Promise<void> {
    const waits = (nonce: string) => cards.some((card) => card.nonce === nonce);
    await session.set({
      [key]: { presented: presented.filter(waits), held: held.filter(waits), first } satisfies Known,
    });
  }

  /** The window for these cards: a connection is shown as what it is, the rest needs an open identity first. */
  async function bringUp(waiting: readonly ApprovalCard[], tabId?: number): Promise<void> {
    const { status, identities } = await vault.state();
    const isUnlocked = (safeId: string) => identities.some((one) => one.safeId === safeId && one.status === 'unlocked');
    // A card for an unlock that has happened is about to change: its request is on the way again, and shows itself then.
    const cards = waiting.filter(({ shown }) => shown.kind !== 'unlock' || !isUnlocked(shown.safeId));
    if (cards.length === 0) return;
    const [first] = cards.flatMap(({ shown }) => (shown.kind === 'unlock' ? [shown.safeId] : []));
    const onlyUnlock = cards.every((card) => card.shown.kind === 'unlock');
    const needsUnlock = cards.some((card) => card.shown.kind !== 'connect');
    if (onlyUnlock || (status === 'locked' && needsUnlock)) await windows.show('unlock', first, tabId);
    else await windows.show('approval', undefined, tabId);
  }

  async function present(): Promise<void> {
    const [cards, { held }] = await Promise.all([vault.approvals.list(), read()]);
    await bringUp(cards.filter((card) => !held.includes(card.nonce)));
  }

  const isStranger = async (origin: string) => (await vault.grants.find(origin)).length === 0;

  async function presentOnce(
    record: ApprovalRecord,
    isNew: boolean,
    isClicked: boolean,
    tabId?: number,
  ): Promise<void> {
    const { id, nonce, origin } = record;
    const known = await read();
    if (!isNew && !isClicked && [...known.presented, ...known.held].includes(nonce)) return;
    await onRecord().catch(() => undefined);
    const cards = await vault.approvals.list();
    const asksForUnlock = (card: ApprovalCard | undefined) => card?.shown.kind === 'unlock';
    const own = cards.find((card) => card.id === id);
    const isBehind = cards.some(
      (card) =>
        card.origin === origin &&
        card.id !== id &&
        known.presented.includes(card.nonce) &&
        asksForUnlock(card) === asksForUnlock(own),
    );
    const isShown = known.presented.includes(nonce);
    let isHeld = false;
    if (!isBehind || isClicked) {
      if (!(await isStranger(origin)))
        await bringUp(
          cards.filter((card) => !known.held.includes(card.nonce)),
          tabId,
        );
      else if (await turns.take({ origin, id, isAgain: !isNew && !isClicked, isClicked }))
        await windows.show('approval', undefined, tabId);
      else isHeld = !isBehind && !isShown;
    }
    if (!isHeld) onWaits?.(origin);
    const others = (nonces: string[]) => nonces.filter((one) => one !== nonce);
    await write(
      isHeld
        ? { ...known, held: [...others(known.held), nonce] }
        : { ...known, held: others(known.held), presented: [...others(known.presented), nonce] },
      cards,
    );
  }

  async function showWaiting(origin?: string): Promise<void> {
    const cards = await vault.approvals.list();
    // Before the window reads its list.
    await write({ ...(await read()), first: origin }, cards);
    const asked = cards.filter((card) => card.origin === origin);
    await bringUp(asked.length > 0 ? asked : cards);
    await write({ presented: cards.map((card) => card.nonce), held: [], first: origin }, cards);
  }

  const grantsChanged = () => turns.forget(async (origin) => !(await isStranger(origin)));

  async function resume(): Promise<void> {
    // A worker may have died right after it wrote a grant down.
    await grantsChanged();
    const [cards, { held }, { status }] = await Promise.all([vault.approvals.list(), read(), vault.state()]);
    const needsApproval = cards.some((card) => card.shown.kind !== 'unlock' && !held.includes(card.nonce));
    if (needsApproval && status === 'unlocked' && (await windows.lastShown()) === 'unlock') await present();
  }

  async function heldBack(): Promise<HeldBack[]> {
    const [cards, { held }] = await Promise.all([vault.approvals.list(), read()]);
    const origins = new Set(cards.filter((card) => held.includes(card.nonce)).map((card) => card.origin));
    return [...origins].map((origin) => ({ origin, waiting: cards.filter((card) => card.origin === origin).length }));
  }

  async function allow(origin: string): Promise<void> {
    await turns.allow(origin);
    const [cards, known] = await Promise.all([vault.approvals.list(), read()]);
    const theirs = cards.filter((card) => card.origin === origin).map((card) => card.nonce);
    // Not as if shown: the next request of the site is to bring them up.
    await write({ ...known, held: known.held.filter((nonce) => !theirs.includes(nonce)) }, cards);
  }

  return {
    present: () => quietly(inTurn(present)),
    showWaiting: (origin) => inTurn(() => showWaiting(origin)),
    presentRecord: (...about) => quietly(inTurn(() => presentOnce(...about))),
    resume: () => quietly(inTurn(resume)),
    heldBack,
    allow: (origin) => inTurn(() => allow(origin)),
    grantsChanged: () => quietly(inTurn(grantsChanged)),
    async inOrder(cards) {
      const { first } = await read();
      return [...cards.filter((card) => card.origin === first), ...cards.filter((card) => card.origin !== first)];
    },
  };
}
