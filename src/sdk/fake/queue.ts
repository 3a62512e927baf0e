// What waits for the person of a fake vault: cards, the requests that share them, and what becomes of each.
// Promises that every request is answered once, and that the same request twice is one card with one answer.
// Must not decide: the test does.
import { packBytes } from '../../contract/bytes-codec';
import { rejected, type ProviderError } from '../../contract/errors';
import { limits } from '../../contract/limits';
import type { FakeAnswer, FakeCard } from './cards';
import { asPageError, limitExceeded } from './refusals';
import type { Call, Outcome } from './rows';

interface Waiter {
  resolve: (result: unknown) => void;
  reject: (thrown: unknown) => void;
}

interface Waiting {
  readonly call: Call;
  readonly key: string;
  readonly waiters: Waiter[];
  outcome: Extract<Outcome, { card: FakeCard }>;
}

export interface FakeQueue {
  ask(call: Call, waiter: Waiter): Promise<void>;
  /** What waits, the oldest first. */
  waiting(): FakeCard[];
  /** Decides a card that waits, the oldest when none is named. Throws when there is none. */
  answer(answer: Exclude<FakeAnswer, 'later'>, card?: FakeCard): Promise<void>;
  /** Looks again at everything that waits: it may have its answer by now. */
  lookAgain(): Promise<void>;
  /** Ends all that waits. */
  endAll(error: ProviderError): void;
}

export function createFakeQueue(options: {
  route: (call: Call) => Outcome;
  person: (card: FakeCard) => FakeAnswer | Promise<FakeAnswer>;
  /** Whoever listens is told what changed. */
  changed: () => void;
  /** Each card, when it is shown. */
  shown: (card: FakeCard) => void;
}): FakeQueue {
  const { route, person, changed, shown } = options;
  let queue: Waiting[] = [];

  function settle({ waiters }: { waiters: readonly Waiter[] }, work: Promise<unknown>): Promise<void> {
    return work.then(
      (result) => waiters.forEach(({ resolve }) => resolve(structuredClone(result))),
      (thrown: unknown) => waiters.forEach(({ reject }) => reject(asPageError(thrown))),
    );
  }

  const drop = (one: Waiting) => (queue = queue.filter((other) => other !== one));

  /** Shows a card, and does what the person answers to it. */
  function show(one: Waiting): void {
    const { card } = one.outcome;
    shown(card);
    void (async () => {
      try {
        await decide(one, card, await person(card));
      } catch (thrown) {
        // The test's own person failed.
        if (queue.includes(one)) await end(one, Promise.reject(thrown as Error));
      }
    })();
  }

  function end(one: Waiting, work: Promise<unknown>): Promise<void> {
    drop(one);
    const done = settle(one, work);
    changed();
    return done;
  }

  async function decide(one: Waiting, card: FakeCard, answer: FakeAnswer): Promise<void> {
    // It may be over by now, or ask something else.
    if (answer === 'later' || !queue.includes(one) || one.outcome.card !== card) return;
    if (answer === 'reject') return await end(one, Promise.reject(rejected('rejected')));
    if (answer === 'expire') return await end(one, Promise.reject(rejected('expired')));
    const { approved } = one.outcome;
    if (card.kind === 'unlock') approved(answer);
    else await end(one, (async () => approved(answer))());
    changed();
    await lookAgain();
  }

  async function lookAgain(): Promise<void> {
    for (const one of queue) {
      if (!queue.includes(one)) continue;
      try {
        const outcome = route(one.call);
        if ('result' in outcome) {
          await end(one, Promise.resolve(outcome.result));
          continue;
        }
        const isOther = outcome.card.kind !== one.outcome.card.kind;
        one.outcome = isOther ? outcome : { ...outcome, card: one.outcome.card };
        if (isOther) show(one);
      } catch (thrown) {
        await end(one, Promise.reject(thrown as Error));
      }
    }
  }

  return {
    async ask(call, waiter) {
      const key = `${call.method} ${JSON.stringify(packBytes(call.params ?? null))}`;
      try {
        const outcome = route(call);
        if ('result' in outcome) return await settle({ waiters: [waiter] }, Promise.resolve(outcome.result));
        const same = queue.find((one) => one.key === key);
        if (same ? same.waiters.length >= limits.joinedRequests : queue.length >= limits.waitingPerOrigin)
          throw limitExceeded();
        if (same) return void same.waiters.push(waiter);
        const one: Waiting = { call, key, waiters: [waiter], outcome };
        queue.push(one);
        changed();
        show(one);
      } catch (thrown) {
        waiter.reject(asPageError(thrown));
      } finally {
        changed();
      }
    },
    waiting: () => queue.map(({ outcome }) => outcome.card),
    async answer(answer, card) {
      const one = card === undefined ? queue[0] : queue.find(({ outcome }) => outcome.card === card);
      if (!one) throw new Error('Nothing waits for the person of the fake vault.');
      await decide(one, one.outcome.card, answer);
    },
    lookAgain,
    endAll(error) {
      for (const one of queue.splice(0)) void settle(one, Promise.reject(error));
      changed();
    },
  };
}
