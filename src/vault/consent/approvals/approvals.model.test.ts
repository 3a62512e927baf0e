// Approvals against a small reference model: any order of acts, restarts, and workers stopped in the middle of a write.
// Laws: one approval is begun at most twice and never after its end; nothing is begun without an approval; a restart approves
// nothing; no two waiting records for one request of one document.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../../contract/limits';
import { createApprovals, type ApprovalRequest, type Approvals } from './approvals';
import { createMemoryArea, createTestHost, Killed, testStartMs } from '../../testkit/memory-host.testkit';
import { decideOne } from '../../testkit/decide.testkit';

const safeIds = ['a1'.repeat(16), 'b2'.repeat(16)] as const;
const hex = (value: number, length: number) => value.toString(16).padStart(length, '0');

/** Twelve ids over two documents and three digests: re-sent, identical and conflicting frames are all likely. */
function request(id: number, doc: number, content: number): ApprovalRequest {
  return {
    id: hex(id, 32),
    origin: `https://site-${doc}.example`,
    documentKey: `doc-${doc}`,
    method: 'vault_sign',
    digest: hex(content, 64),
    shown: {
      kind: 'sign',
      safeId: safeIds[doc % 2] as string,
      account: '0x',
      purpose: 'p',
      payload: Uint8Array.of(content),
    },
    firstSeen: false,
  };
}

interface ModelRecord {
  ids: string[];
  doc: number;
  digest: string;
  state: 'waiting' | 'approved' | 'executing' | 'rejected' | 'expired' | 'interrupted';
  createdAtMs: number;
  decidedAtMs: number;
  endedAtMs: number;
  attempts: number;
  isRunning: boolean;
}

/** The reference: the same rules over a plain list, nothing asynchronous, nothing stored. */
class Model {
  records: ModelRecord[] = [];
  nowMs = testStartMs;

  private end(record: ModelRecord, state: 'rejected' | 'expired' | 'interrupted') {
    record.state = state;
    record.endedAtMs = this.nowMs;
    record.isRunning = false;
  }
  /** The state a reader sees, which time may have changed already. */
  seen(record: ModelRecord): ModelRecord['state'] {
    if (record.state === 'waiting' && this.nowMs >= record.createdAtMs + limits.waitingMs) return 'expired';
    const isOpen = record.state === 'approved' || (record.state === 'executing' && !record.isRunning);
    return isOpen && this.nowMs > record.decidedAtMs + limits.approvedMs ? 'interrupted' : record.state;
  }
  find(id: string) {
    return this.records.find((record) => record.ids.includes(id));
  }
  submit(asked: ApprovalRequest, doc: number): string {
    const known = this.find(asked.id);
    if (known) {
      if (known.doc !== doc || known.digest !== asked.digest) return 'gone';
      const state = this.seen(known);
      return state === 'executing' ? 'approved' : state;
    }
    const twin = this.records.find(
      (record) => this.seen(record) === 'waiting' && record.doc === doc && record.digest === asked.digest,
    );
    if (twin) twin.ids.push(asked.id);
    else
      this.records.push({
        ids: [asked.id],
        doc,
        digest: asked.digest,
        state: 'waiting',
        createdAtMs: this.nowMs,
        decidedAtMs: 0,
        endedAtMs: 0,
        attempts: 0,
        isRunning: false,
      });
    return 'waiting';
  }
  decide(record: ModelRecord, isApproved: boolean) {
    record.decidedAtMs = this.nowMs;
    if (isApproved) record.state = 'approved';
    else this.end(record, 'rejected');
  }
  mayBegin(record: ModelRecord | undefined): 'yes' | 'no' | 'too often' {
    if (!record || !['approved', 'executing'].includes(this.seen(record)) || record.isRunning) return 'no';
    return record.attempts >= 2 ? 'too often' : 'yes';
  }
  expire() {
    for (const record of this.records) {
      const state = this.seen(record);
      if (state !== record.state) this.end(record, state as 'expired');
    }
  }
  sweep() {
    const isOpen = (record: ModelRecord) => ['waiting', 'approved', 'executing'].includes(record.state);
    this.records = this.records.filter((record) => isOpen(record) || this.nowMs < record.endedAtMs + 60_000);
  }
  open(): ModelRecord[] {
    return this.records.filter((record) => ['waiting', 'approved', 'executing'].includes(this.seen(record)));
  }
  endAll(state: 'rejected' | 'interrupted', records: ModelRecord[]) {
    for (const record of records) this.end(record, state);
  }
}

type Act =
  | { name: 'submit'; id: number; doc: number; content: number }
  | { name: 'decide'; pick: number; isApproved: boolean; spoil: 'nothing' | 'digest' | 'nonce' }
  | { name: 'decideAll'; picks: number[]; isApproved: boolean; spoiled: number }
  | { name: 'begin'; id: number; isRight: boolean }
  | { name: 'finish'; id: number }
  | { name: 'wait'; ms: number }
  | { name: 'expireDue' | 'restart' }
  | { name: 'lock' | 'cancelDocument' | 'revoke' | 'rejectAll'; doc: number };

const id = fc.integer({ min: 1, max: 12 });
const doc = fc.integer({ min: 0, max: 1 });
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ name: fc.constant('submit' as const), id, doc, content: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      name: fc.constant('decide' as const),
      pick: fc.nat(5),
      isApproved: fc.boolean(),
      spoil: fc.constantFrom(
        'nothing' as const,
        'nothing' as const,
        'nothing' as const,
        'digest' as const,
        'nonce' as const,
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      name: fc.constant('decideAll' as const),
      picks: fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 4 }),
      isApproved: fc.boolean(),
      spoiled: fc.nat(5),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      name: fc.constant('begin' as const),
      id,
      isRight: fc.integer({ min: 0, max: 5 }).map((n) => n > 0),
    }),
  },
  { weight: 2, arbitrary: fc.record({ name: fc.constant('finish' as const), id }) },
  {
    weight: 2,
    arbitrary: fc.record({
      name: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 10_000, 30_001, 60_000, 300_000),
    }),
  },
  { weight: 3, arbitrary: fc.record({ name: fc.constantFrom('expireDue' as const, 'restart' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      name: fc.constantFrom('lock' as const, 'cancelDocument' as const, 'revoke' as const, 'rejectAll' as const),
      doc,
    }),
  },
);

/** Where the worker is stopped during an act: before or after its nth write, or not at all. */
const stop = fc.option(
  fc.record({ write: fc.integer({ min: 1, max: 2 }), side: fc.constantFrom('before' as const, 'after' as const) }),
  { freq: 4, nil: undefined },
);

class World {
  model = new Model();
  session = createMemoryArea();
  approvals: Approvals;
  stopAt: { write: number; side: 'before' | 'after' } | undefined;
  writes = 0;
  /** Begun executions by the record's nonce, to judge the law without the model. */
  begun = new Map<string, number>();

  constructor() {
    this.approvals = this.start();
  }
  start(): Approvals {
    const host = createTestHost({
      clock: this.model,
      session: this.session,
      checkpoint: async (label) => {
        const side = label.endsWith(':before') ? 'before' : 'after';
        if (side === 'before') this.writes++;
        if (this.stopAt?.side === side && this.stopAt.write === this.writes) throw new Killed(label);
      },
    });
    return createApprovals({ host, onChange: () => undefined });
  }
  restart() {
    for (const record of this.model.records) record.isRunning = false;
    this.approvals = this.start();
  }
  /** Runs an act; a stop in the middle of it is a death, and a new worker takes over. Says how many writes took place. */
  async attempt<T>(
    stopAt: World['stopAt'],
    run: () => Promise<T>,
  ): Promise<{ value?: T; error?: unknown; wrote: number; isDead: boolean }> {
    this.stopAt = stopAt;
    this.writes = 0;
    try {
      return { value: await run(), wrote: this.writes, isDead: false };
    } catch (error) {
      const isDead = error instanceof Killed;
      const wrote = isDead && stopAt?.side === 'before' ? this.writes - 1 : this.writes;
      if (isDead) this.restart();
      return { error, wrote, isDead };
    } finally {
      this.stopAt = undefined;
    }
  }
}

async function perform(world: World, step: Act, stopAt: World['stopAt']): Promise<void> {
  const { model } = world;
  const approvals = world.approvals;
  switch (step.name) {
    case 'submit': {
      const asked = request(step.id, step.doc, step.content);
      const { value, wrote, isDead } = await world.attempt(stopAt, () => approvals.submit(asked));
      if (isDead && wrote === 0) return;
      const wanted = model.submit(asked, step.doc);
      if (!isDead) expect(value?.state).toBe(wanted);
      return;
    }
    case 'decide': {
      const cards = await approvals.list();
      const card = cards[step.pick % Math.max(1, cards.length)];
      if (!card) return;
      const { value, error, wrote, isDead } = await world.attempt(stopAt, () =>
        decideOne(approvals, {
          id: card.id,
          digest: step.spoil === 'digest' ? hex(99, 64) : card.digest,
          nonce: step.spoil === 'nonce' ? hex(99, 32) : card.nonce,
          decision: step.isApproved ? { kind: 'sign' } : { kind: 'reject' },
        }),
      );
      if (step.spoil !== 'nothing') {
        expect(error).toMatchObject({ reason: 'stale' });
        return;
      }
      if (wrote > 0) model.decide(model.find(card.id)!, step.isApproved);
      if (!isDead) expect(value?.state).toBe(step.isApproved ? 'approved' : 'rejected');
      return;
    }
    case 'decideAll': {
      const cards = (await approvals.list()).filter((_, at) => step.picks.includes(at));
      const listed = cards.map(({ id: one, digest, nonce }, at) => ({
        id: one,
        digest,
        nonce: at === step.spoiled ? hex(99, 32) : nonce,
      }));
      const { value, error, wrote, isDead } = await world.attempt(stopAt, () =>
        approvals.decideAll(listed, step.isApproved ? { kind: 'sign' } : { kind: 'reject' }),
      );
      const asListed = cards.filter((_, at) => at !== step.spoiled);
      const canJoin = new Set(asListed.map((card) => card.origin)).size <= 1;
      if (asListed.length === 0 || !canJoin) {
        expect(error).toMatchObject({ reason: canJoin ? 'stale' : 'invalid-input' });
        return;
      }
      // All of them, or none: they are one write. What was not as listed waits on.
      if (wrote > 0) for (const card of asListed) model.decide(model.find(card.id)!, step.isApproved);
      if (!isDead) expect(value?.map((record) => record.id)).toEqual(asListed.map((card) => card.id));
      return;
    }
    case 'begin': {
      const record = model.find(hex(step.id, 32));
      const recordId = record?.ids[0] ?? hex(step.id, 32);
      const digest = step.isRight && record ? record.digest : hex(98, 64);
      const { value, wrote, isDead } = await world.attempt(stopAt, () => approvals.begin(recordId, digest));
      const wanted = digest === record?.digest ? model.mayBegin(record) : 'no';
      if (wrote > 0 && wanted === 'too often') model.endAll('interrupted', [record!]);
      if (wrote > 0 && wanted === 'yes' && record) {
        record.state = 'executing';
        record.attempts++;
        record.isRunning = !isDead;
      }
      if (!isDead) expect(value !== undefined).toBe(wanted === 'yes');
      if (value) world.begun.set(value.nonce, (world.begun.get(value.nonce) ?? 0) + 1);
      return;
    }
    case 'finish': {
      const recordId = hex(step.id, 32);
      const { value, wrote, isDead } = await world.attempt(stopAt, () => approvals.finish(recordId));
      const record = model.records.find((one) => one.ids[0] === recordId);
      if (!isDead) expect(value !== undefined).toBe(record !== undefined);
      if (wrote > 0) model.records = model.records.filter((one) => one !== record);
      return;
    }
    case 'wait':
      model.nowMs += step.ms;
      return;
    case 'restart':
      world.restart();
      return;
    case 'expireDue': {
      const due = model.records.filter((record) => model.seen(record) !== record.state).map((record) => record.ids[0]);
      const { value, isDead } = await world.attempt(undefined, () => approvals.expireDue());
      expect(isDead).toBe(false);
      expect(value?.expired.map((record) => record.id)).toEqual(due);
      model.expire();
      model.sweep();
      return;
    }
    default: {
      const name = `doc-${step.doc}`;
      const runs = {
        lock: () => approvals.interruptApproved(safeIds[step.doc]),
        cancelDocument: () => approvals.cancelDocument(name),
        revoke: () => approvals.cancelOrigin(`https://site-${step.doc}.example`),
        rejectAll: () => approvals.rejectAll(`https://site-${step.doc}.example`),
      };
      const isOfDoc = (record: ModelRecord) => record.doc === step.doc;
      // As the worker sees them that ends them: what it was carrying out is late at once for the next worker, should it die here.
      const open = model.open().filter(isOfDoc);
      const waiting = open.filter((record) => model.seen(record) === 'waiting');
      const { wrote } = await world.attempt(stopAt, runs[step.name]);
      if (wrote === 0) return;
      if (step.name === 'cancelDocument') model.records = model.records.filter((record) => !isOfDoc(record));
      if (step.name === 'lock') {
        const begunOrApproved = open.filter((record) => !waiting.includes(record));
        model.endAll('interrupted', begunOrApproved);
      }
      if (step.name === 'revoke') model.endAll('interrupted', open);
      if (step.name === 'rejectAll') model.endAll('rejected', waiting);
    }
  }
}

async function check(world: World): Promise<void> {
  const { model, approvals } = world;
  const cards = await approvals.list();
  const waiting = model.records.filter((record) => model.seen(record) === 'waiting');
  expect(cards.map((card) => [card.id, card.joined])).toEqual(
    waiting.map((record) => [record.ids[0], record.ids.length]),
  );
  expect(new Set(cards.map((card) => card.origin + card.digest)).size).toBe(cards.length);
  for (const record of model.records) expect((await approvals.get(record.ids[0]!))?.state).toBe(model.seen(record));
  for (const count of world.begun.values()) expect(count).toBeLessThanOrEqual(2);
}

/** The worker dies right after it ended, at a lock, what it had been carrying out for longer than an approval is good for. */
const killedAtLock: [Act, World['stopAt']][] = [
  [{ name: 'submit', id: 1, doc: 0, content: 1 }, undefined],
  [{ name: 'decide', pick: 0, isApproved: true, spoil: 'nothing' }, undefined],
  [{ name: 'begin', id: 1, isRight: true }, undefined],
  [{ name: 'wait', ms: 60_000 }, undefined],
  [
    { name: 'lock', doc: 0 },
    { write: 1, side: 'after' },
  ],
  [{ name: 'expireDue' }, undefined],
];

describe('approvals against the model', () => {
  it('P2 R-C3 one answer never reaches another site, nor what is asked for each time anew', async () => {
    const { approvals } = new World();
    const [sign, other] = [request(1, 0, 1), request(2, 0, 2)];
    const elsewhere = { ...request(3, 0, 3), origin: 'https://elsewhere.example', documentKey: 'doc-9' };
    const token = { kind: 'token', safeId: safeIds[0], account: '0x' } as const;
    for (const asked of [sign, { ...other, shown: token }, elsewhere]) await approvals.submit(asked);
    const cards = await approvals.list();
    for (const decision of [{ kind: 'sign' }, { kind: 'reject' }] as const)
      for (const listed of [
        [cards[0]!, cards[1]!],
        [cards[0]!, cards[2]!],
      ])
        await expect(approvals.decideAll(listed, decision)).rejects.toMatchObject({ reason: 'invalid-input' });
    expect(await approvals.list()).toHaveLength(3);
  });

  it('P2 P3 any order of acts, restarts and stops keeps the laws', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(act, stop), { minLength: 10, maxLength: 60 }), async (acts) => {
        const world = new World();
        for (const [step, stopAt] of acts) {
          await perform(world, step, stopAt);
          await check(world);
        }
      }),
      { numRuns: 400, examples: [[killedAtLock]] },
    );
  });

  it('P2 acts that overlap in one worker never begin more than was approved', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(act, { minLength: 8, maxLength: 25 }), async (scheduler, acts) => {
        const inner = createMemoryArea();
        const clock = { nowMs: testStartMs };
        const slow = {
          get: scheduler.scheduleFunction(inner.get),
          set: scheduler.scheduleFunction(inner.set),
          remove: scheduler.scheduleFunction(inner.remove),
        };
        const approvals = createApprovals({
          host: createTestHost({ clock, session: slow }),
          onChange: () => undefined,
        });
        const approvedIds: string[] = [];
        const begunIds: string[] = [];
        const run = async (step: Act): Promise<void> => {
          if (step.name === 'submit') await approvals.submit(request(step.id, step.doc, step.content));
          if (step.name === 'decide') {
            const cards = await approvals.list();
            const card = cards[step.pick % Math.max(1, cards.length)];
            if (!card) return;
            const { id: cardId, digest, nonce } = card;
            const decision = step.isApproved ? ({ kind: 'sign' } as const) : ({ kind: 'reject' } as const);
            const record = await decideOne(approvals, { id: cardId, digest, nonce, decision });
            if (record.state === 'approved') approvedIds.push(record.nonce);
          }
          if (step.name === 'begin') {
            const record = await approvals.get(hex(step.id, 32));
            const begun = record && (await approvals.begin(record.id, record.digest));
            if (begun) begunIds.push(begun.nonce);
          }
          if (step.name === 'finish') await approvals.finish(hex(step.id, 32));
          if (step.name === 'expireDue') await approvals.expireDue();
          if (step.name === 'lock') await approvals.interruptApproved();
          if (step.name === 'cancelDocument') await approvals.cancelDocument(`doc-${step.doc}`);
          const cards = await approvals.list();
          expect(new Set(cards.map((card) => card.origin + card.digest)).size).toBe(cards.length);
        };
        const all = Promise.allSettled(acts.map(run));
        await scheduler.waitFor(all);
        for (const outcome of await all)
          if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ reason: 'stale' });
        expect(new Set(approvedIds).size).toBe(approvedIds.length);
        expect(new Set(begunIds).size).toBe(begunIds.length);
        for (const nonce of begunIds) expect(approvedIds).toContain(nonce);
        const restarted = createApprovals({
          host: createTestHost({ clock, session: inner }),
          onChange: () => undefined,
        });
        expect(await restarted.list()).toEqual(await approvals.list());
      }),
      { numRuns: 300 },
    );
  });
});
