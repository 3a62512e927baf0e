// Access to hosts that the browser was asked for: those of the nodes, and those of sites with the wallet face. It is given back when nothing needs it.
// Promises: what one of them needs is not taken away because the other left. Must not: ask for access; only a page can, while a press counts.
import { hostPattern } from '../../contract/origins';

export interface HostAccess {
  /** The address is used no longer, by whoever calls. Never throws: a build for tests cannot give back what it always has. */
  giveBack(address: string): Promise<void>;
}

export function createHostAccess(options: {
  /** Addresses that are in use now. */
  inUse: () => Promise<string[]>;
  remove: (permissions: { origins: string[] }) => Promise<unknown>;
}): HostAccess {
  return {
    async giveBack(address) {
      const pattern = hostPattern(address);
      if ((await options.inUse()).some((other) => hostPattern(other) === pattern)) return;
      await options.remove({ origins: [pattern] }).catch(() => undefined);
    },
  };
}
