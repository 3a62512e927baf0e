// What ENS calls accounts, from the node that a person set for it: asked for our own pages, a few accounts at a time, and remembered while the worker lives.
// Promises: without a node nothing is fetched (R-J2); what could not be read is 'unknown', never "no name", and is asked again. Must not: judge whether a name
// may be shown, or keep one on the disk.
import { VaultError } from '../../contract/errors';
import { isRpcAddress } from '../../contract/origins';
import { mostEnsAccounts } from '../../contract/limits';
import type { EnsName } from '../../contract/pages/people';
import { createEnsNodeClient, type EnsNodeClient } from '../../network/ens-node';
import { NetworkError } from '../../network/network-error';
import type { Vault } from '../../vault/vault';
import { createNodeUses, eitherOf, type NodeUses } from './node-uses';

export interface EnsNames {
  /** Asks a node that is not set yet whether it is one of Ethereum. Throws a network reason; 'bad-answer' with detail `other-chain`. */
  check(url: string): Promise<void>;
  /** One answer for each account, in their order; none at all as long as no node is set. Throws a network reason where nobody was asked. */
  names(accounts: readonly string[]): Promise<EnsName[]>;
  /** Another node was set, or none: what is under way ends, and what was told is forgotten. */
  leftFor(url: string | null): void;
}

/** All of a question, whatever it takes. */
const wholeMs = 10_000;
const atOnce = 4;
const rememberedMs = 600_000;
const mostRemembered = 500;

const ethereum = 1n;

export function createEnsNames(options: {
  vault: Pick<Vault, 'settings'>;
  mayReach: (pattern: string) => Promise<boolean>;
  nowMs: () => number;
  createClient?: (url: string) => EnsNodeClient;
}): EnsNames {
  const { vault, mayReach, nowMs, createClient = (url) => createEnsNodeClient({ url }) } = options;
  const address = async () => (await vault.settings.get()).ensNode;
  const uses: NodeUses<EnsNodeClient> = createNodeUses({
    address,
    mayReach,
    isAddress: isRpcAddress,
    createClient,
    bound: (client, { mayAsk, ending }) => ({
      async chain(signal) {
        await mayAsk();
        return await client.chain(eitherOf(ending, signal));
      },
      async nameOf(account, signal) {
        await mayAsk();
        return await client.nameOf(account, eitherOf(ending, signal));
      },
    }),
  });
  let told = { by: '', answers: new Map<string, { answer: EnsName; untilMs: number }>() };

  function remember(by: string, answer: EnsName): void {
    if (answer.is === 'unknown') return;
    if (told.by !== by || told.answers.size >= mostRemembered) told = { by, answers: new Map() };
    told.answers.set(answer.account, { answer, untilMs: nowMs() + rememberedMs });
  }

  function remembered(by: string, account: string): EnsName | undefined {
    const known = told.by === by ? told.answers.get(account) : undefined;
    return known && known.untilMs > nowMs() ? known.answer : undefined;
  }

  async function answerOf(client: EnsNodeClient, account: string, signal: AbortSignal): Promise<EnsName> {
    try {
      const name = await client.nameOf(account, signal);
      return name === undefined ? { account, is: 'none' } : { account, is: 'named', name };
    } catch (error) {
      if (error instanceof NetworkError) return { account, is: 'unknown' };
      throw error;
    }
  }

  return {
    check: (url) =>
      uses.askOther(url, async (client) => {
        if ((await client.chain()) !== ethereum) throw new VaultError('bad-answer', 'other-chain');
      }),
    async names(accounts) {
      if ((await address()) === null) return [];
      return await uses.ask(async (client, by) => {
        const late = AbortSignal.timeout(wholeMs);
        const wanted = accounts.slice(0, mostEnsAccounts);
        const answers = new Map<string, EnsName>();
        const left = [...new Set(wanted)].values();
        const some = async () => {
          for (const account of left) {
            const answer = remembered(by, account) ?? (await answerOf(client, account, late));
            remember(by, answer);
            answers.set(account, answer);
          }
        };
        await Promise.all(Array.from({ length: atOnce }, some));
        return wanted.map((account) => answers.get(account) ?? { account, is: 'unknown' });
      });
    },
    leftFor(url) {
      uses.leftFor(url);
      if (told.by !== url) told = { by: '', answers: new Map() };
    },
  };
}
