// Shapes of vector files, and how an outcome is compared with what a vector expects.
// Promises that every key of an expectation is either compared or known to be prose; error texts are never compared.
import { isDeepStrictEqual } from 'node:util';
import { bytesToHex } from '../../src/protocol/base/bytes';
import { ProtocolError } from '../../src/protocol/base/errors';

/** One vector as read from the file; the driver trusts its shape, a wrong one fails the vector. */
export interface Vector {
  readonly id: string;
  readonly op: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly input: any;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly expect: any;
}

/** A whole file. */
export interface VectorSet {
  readonly vectors: readonly Vector[];
  readonly identities?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly [key: string]: unknown;
}

/** Runs one vector; throws when the outcome is not the expected one. */
export type Operation = (vector: Vector, set: VectorSet) => void | Promise<void>;

/** What an expectation may say besides facts to compare. */
const PROSE = new Set(['outcome', 'error', 'vaultShould']);

/** Thrown by operations when something differs. */
export class Mismatch extends Error {}

/**
 * Runs `act` and compares. `reject` and `throws` want a ProtocolError, any one, and the code if there is one; `ok` wants every fact of the expectation in
 * what `act` returns, bytes written as hex and bigints as decimal text.
 */
export function check(
  expect: Record<string, unknown>,
  act: () => Record<string, unknown>,
  codeOf?: (error: ProtocolError) => number,
): void {
  const result = outcomeOf(act);
  if (expect['outcome'] === 'reject' || expect['outcome'] === 'throws') {
    if (!(result instanceof ProtocolError)) throw new Mismatch('was accepted');
    if (expect['code'] !== undefined && expect['code'] !== codeOf?.(result)) throw new Mismatch('code differs');
    return;
  }
  if (expect['outcome'] !== 'ok') throw new Mismatch(`unknown outcome ${String(expect['outcome'])}`);
  if (result instanceof ProtocolError) throw new Mismatch(`was refused: ${result.reason}`);
  checkFacts(expect, result);
}

/** Compares every fact of `expect` with `actual`; facts that `actual` does not offer count as different. */
export function checkFacts(expect: Record<string, unknown>, actual: Record<string, unknown>): void {
  for (const [key, wanted] of Object.entries(expect)) {
    if (PROSE.has(key)) continue;
    if (!Object.hasOwn(actual, key)) throw new Mismatch(`${key} was not computed`);
    if (!isDeepStrictEqual(plain(actual[key]), wanted)) throw new Mismatch(`${key} differs`);
  }
}

/** For vectors with `vaultShould`: the driver must know the sentence, or the vector fails. */
export function expectationFor(expect: Record<string, unknown>, known: Record<string, () => void>): void {
  const sentence = String(expect['vaultShould']);
  const comparison = Object.hasOwn(known, sentence) ? known[sentence] : undefined;
  if (!comparison) throw new Mismatch(`unknown vaultShould: ${sentence}`);
  comparison();
}

/** The result, or the ProtocolError it was refused with. Any other error is a bug and passes through. */
export function outcomeOf<Value>(act: () => Value): Value | ProtocolError {
  try {
    return act();
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
}

/** Why a vector failed, for the report. */
export function describeFailure(error: unknown): string {
  if (error instanceof Mismatch) return error.message;
  if (error instanceof ProtocolError) return `unexpected refusal: ${error.reason}`;
  return `unexpected error: ${error instanceof Error ? error.message : String(error)}`;
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return bytesToHex(value);
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
  }
  return value;
}
