// The node of XMTP V3 that inboxes are read from: none by default, set and left by the person, the same for all identities.
// Promises: what asking tells the node, and what a node can hide, stands before its address is typed. Must not: suggest a node.
import type { Settings } from '../../../contract/pages/settings';
import { nodeAddress } from '../../network/node-address';
import { ask } from '../../worker/calls';
import { OptionalNode } from '../optional-node';

/** The address of a node in few signs: without the scheme that it mostly has. */
export const nodeWords = (url: string) => url.replace('https://', '');

export function NodePanel({ settings: { inboxNode } }: { settings: Settings }) {
  return (
    <div data-testid="inbox-node" data-node={inboxNode ?? 'none'}>
      <OptionalNode
        kind="inboxes"
        node={inboxNode}
        nameOf={nodeWords}
        isShown
        addressOf={nodeAddress}
        check={(url) => ask('inbox_checkNode', { url })}
        keep={(url) => ask('settings_set', { inboxNode: url })}
        longest={300}
        words={{
          title: inboxNode === null ? 'inboxNodeNoneTitle' : 'inboxNodeTitle',
          meaning: inboxNode === null ? 'inboxNodeNoneBody' : 'inboxNodeBody',
          set: 'inboxNodeSet',
          before: ['inboxNodeLearns', 'inboxNodeHides'],
          hint: 'inboxNodeHint',
          wrong: 'networkAddressWrong',
        }}
      />
    </div>
  );
}
