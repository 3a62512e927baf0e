// Access to hosts that the browser was asked for: those of the nodes, and those of sites with the wallet face; in Firefox also leave to send what nodes are sent.
// It is given back when nothing needs it.
// Promises: what one of them needs is not taken away because the other left. Must not: ask for access; only a page can, while a press counts.
import { hostPattern, sentToNone, type NodeKind } from '../../contract/origins';

export interface HostAccess {
  /** The address is used no longer, by whoever calls. Never throws: a build for tests cannot give back what it always has. */
  giveBack(address: string): Promise<void>;
}

export function createHostAccess(options: {
  /** Addresses that are in use now. */
  inUse: () => Promise<string[]>;
  /** The kinds of nodes that are set now. */
  nodes: () => Promise<NodeKind[]>;
  browserName: 'chrome' | 'firefox';
  /** Where our own scripts run, as patterns. Firefox has one access for each, whatever it is for: given back, the scripts would be gone. */
  ownScripts: readonly string[];
  remove: (permissions: { origins: string[] } | { data_collection: string[] }) => Promise<unknown>;
}): HostAccess {
  return {
    async giveBack(address) {
      const pattern = hostPattern(address);
      const isOurs = options.browserName === 'firefox' && options.ownScripts.includes(pattern);
      if (!isOurs && !(await options.inUse()).some((other) => hostPattern(other) === pattern))
        await options.remove({ origins: [pattern] }).catch(() => undefined);
      const unneeded = options.browserName === 'firefox' ? sentToNone(await options.nodes()) : [];
      if (unneeded.length > 0) await options.remove({ data_collection: unneeded }).catch(() => undefined);
    },
  };
}
