// The frozen vectors of the real client, through the same driver as `npm run vectors`.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { VectorSet } from './compare';
import { runFile, runFolder } from './run';

const FOLDER = path.resolve(import.meta.dirname, '../../src/protocol/vectors');
const COMPLETE = [
  'auth-tokens',
  'contacts',
  'decoding',
  'encrypted-bundles',
  'hmac-keys',
  'identities',
  'invitations',
  'keystore-rpc',
  'messages-v1',
  'messages-v2',
  'rotation',
  'self-encryption',
  'shared-secrets',
  'signatures',
  'topics',
];

const read = (name: string): VectorSet =>
  JSON.parse(readFileSync(path.join(FOLDER, `${name}.json`), 'utf8')) as VectorSet;

async function runChanged(set: unknown): Promise<{ passed: number; failed: number }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'vectors-'));
  try {
    writeFileSync(path.join(folder, 'changed.json'), JSON.stringify(set));
    const [report] = await runFolder(folder);
    return { passed: report?.passed ?? 0, failed: report?.failures.length ?? 0 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the frozen vectors', () => {
  it.each(COMPLETE)('all pass: %s', async (name) => {
    const report = await runFile(path.join(FOLDER, `${name}.json`));
    expect(report.failures).toEqual([]);
    expect(report.passed).toBe(read(name).vectors.length);
  });

  it.each(COMPLETE)('all fail when their expected outcome is turned round: %s', async (name) => {
    const set = read(name);
    // Where we differ from the client on purpose, the reverse of what it did may be right.
    const vectors = set.vectors.filter((vector) => !Object.hasOwn(vector.expect, 'vaultShould'));
    const changed = vectors.map((vector) => ({ ...vector, expect: turnRound(vector.expect) }));
    expect(await runChanged({ ...set, vectors: changed })).toEqual({ passed: 0, failed: changed.length });
  });

  it.each(COMPLETE)('with a fact changed, every vector that has one fails: %s', async (name) => {
    const set = read(name);
    const vectors = set.vectors
      .map((vector) => ({ ...vector, expect: changeFacts(vector.expect) }))
      .filter((vector, i) => JSON.stringify(vector.expect) !== JSON.stringify(set.vectors[i]?.expect));
    expect(vectors.length).toBeGreaterThan(0);
    expect((await runChanged({ ...set, vectors })).passed).toBe(0);
  });

  it('an unknown operation counts as failed', async () => {
    const vectors = [
      { id: 'a', op: 'constructor', input: {}, expect: { outcome: 'ok' } },
      { id: 'b', op: 'noSuch', input: {}, expect: { outcome: 'reject' } },
    ];
    expect(await runChanged({ vectors })).toEqual({ passed: 0, failed: 2 });
  });
});

/** ok becomes reject and the other way round, wherever an outcome stands. */
function turnRound(expectation: unknown): unknown {
  if (typeof expectation !== 'object' || expectation === null || Array.isArray(expectation)) return expectation;
  return Object.fromEntries(
    Object.entries(expectation).map(([key, value]) =>
      key === 'outcome' ? [key, value === 'ok' ? 'reject' : 'ok'] : [key, turnRound(value)],
    ),
  );
}

/** Every fact gets another value; outcomes and prose stay. */
function changeFacts(expectation: unknown): unknown {
  if (typeof expectation === 'boolean') return !expectation;
  if (typeof expectation === 'number') return expectation + 1;
  // The text behind "throws:" is the client's own and is not compared.
  if (typeof expectation === 'string') return expectation.startsWith('throws:') ? true : `${expectation}0`;
  if (Array.isArray(expectation)) return expectation.map(changeFacts);
  if (expectation === null) return {};
  return Object.fromEntries(
    Object.entries(expectation as object)
      .filter(([key]) => key !== 'vaultShould')
      .map(([key, value]) =>
        ['outcome', 'error', 'code', 'errorName', 'message'].includes(key) ? [key, value] : [key, changeFacts(value)],
      ),
  );
}
