// Rate limits as the real node has them when they are switched on: one bucket of tokens per client address and class.
// Promises its arithmetic: refills in whole minutes since the last use, every use starts the minute anew, costs cut to 16 bits.
// Must not: tell a client when to come back; the node sends no Retry-After.
import type { CallName } from './messages';
import { RpcError } from './rpc-error';

const CLASSES = {
  PUB: { burst: 1000, perMinute: 200, priorityFactor: 25 },
  DEF: { burst: 10_000, perMinute: 2000, priorityFactor: 5 },
} as const;

interface Bucket {
  lastUsedMs: number;
  tokens: number;
}

/** What a call costs, and whether a wallet on the allow list pays. */
export interface Spending {
  readonly call: CallName;
  readonly cost: number;
  readonly clientAddress: string;
  readonly isPriority: boolean;
}

/** Throws RpcError ResourceExhausted when the bucket does not hold the cost. */
export type SpendTokens = (spending: Spending) => void;

export function createRateLimiter(nowMs: () => number): SpendTokens {
  const buckets = new Map<string, Bucket>();
  return ({ call, cost, clientAddress, isPriority }) => {
    const className = call === 'publish' ? 'PUB' : 'DEF';
    const { burst, perMinute, priorityFactor } = CLASSES[className];
    const factor = isPriority ? priorityFactor : 1;
    const name = `${isPriority ? 'P' : 'R'}${clientAddress}${className}`;
    const now = nowMs();
    const bucket = buckets.get(name) ?? { lastUsedMs: now, tokens: burst * factor };
    buckets.set(name, bucket);
    const minutes = Math.floor((now - bucket.lastUsedMs) / 60_000);
    bucket.lastUsedMs = Math.max(now, bucket.lastUsedMs);
    bucket.tokens = Math.min(bucket.tokens + Math.max(0, minutes) * perMinute * factor, burst * factor);
    const charged = cost & 0xffff;
    if (bucket.tokens < charged) throw new RpcError('ResourceExhausted', `${charged} exceeds rate limit ${name}`);
    bucket.tokens -= charged;
  };
}
