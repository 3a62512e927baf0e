// What ENS says of the accounts on a page, asked for by the page.
// Promises: nothing is asked without a node that the person set; what could not be read is 'unknown', also where the rules of spelling cannot be loaded.
// Must not: keep a name longer than the page stands.
import { useEffect, useState } from 'preact/hooks';
import { mostEnsAccounts } from '../../../contract/limits';
import type { WhoIs } from '../../people';
import { ask } from '../../worker/calls';
import { askedOf, noEns, saysOf, type EnsSays, type EnsWords } from './says';

async function read(accounts: string[]): Promise<[string, EnsSays][]> {
  try {
    const [answers, { isNormal }] = await Promise.all([ask('ens_names', { accounts }), import('./normal')]);
    return answers.map((answer) => [answer.account.toLowerCase(), saysOf(answer, isNormal)]);
  } catch {
    return [];
  }
}

/** `node`: as the settings have it; null asks nobody. Each account is asked about once, as long as the page stands. */
export function useEns(node: string | null, accounts: readonly string[], whoIs: WhoIs): EnsWords {
  const [told, setTold] = useState<ReadonlyMap<string, EnsSays>>(new Map());
  const wanted = node === null ? [] : askedOf(accounts, whoIs);
  const missing = wanted
    .filter((account) => !told.has(account))
    .slice(0, mostEnsAccounts)
    .join();
  useEffect(() => {
    if (missing === '') return;
    const now = missing.split(',');
    const put = (all: readonly [string, EnsSays][]) => setTold((before) => new Map([...before, ...all]));
    put(now.map((account) => [account, { is: 'asking' }]));
    void read(now).then((all) =>
      put([...now.map((account) => [account, { is: 'unknown' }] as [string, EnsSays]), ...all]),
    );
  }, [missing]);
  if (node === null) return noEns;
  return (account) => {
    const key = account.toLowerCase();
    return wanted.includes(key) ? (told.get(key) ?? { is: 'asking' }) : undefined;
  };
}
