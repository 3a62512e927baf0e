// Names of ENS: off by default; switched on by the address of a node of Ethereum that the person sets, and off by leaving it.
// Promises: what the node learns, and what its word is worth, stands before its address is typed; only the host of the address is shown. Must not: suggest a node.
import { rpcAddressLength } from '../../../contract/limits';
import type { Settings } from '../../../contract/pages/settings';
import { rpcAddress } from '../../network/node-address';
import { ask } from '../../worker/calls';
import { OptionalNode } from '../optional-node';

export function EnsPanel({ settings: { ensNode } }: { settings: Settings }) {
  return (
    <div data-testid="ens-panel" data-node={ensNode === null ? 'none' : 'set'}>
      <OptionalNode
        kind="names"
        node={ensNode}
        // A path or a query may hold a key of its operator's.
        nameOf={(url) => new URL(url).host}
        isShown={false}
        addressOf={rpcAddress}
        check={(url) => ask('ens_checkNode', { url })}
        keep={(url) => ask('settings_set', { ensNode: url })}
        longest={rpcAddressLength}
        words={{
          title: 'ensTitle',
          meaning: ensNode === null ? 'ensMeaningOff' : 'ensMeaningOn',
          set: 'ensSet',
          before: ['ensLearns', 'ensMayLie', 'ensElsewhere'],
          hint: 'ensAddressHint',
          wrong: 'ensAddressWrong',
        }}
      />
    </div>
  );
}
