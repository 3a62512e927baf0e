// What is given back to the browser when a node or a face is left, and what stays because something else needs it.
import { describe, expect, test } from 'vitest';
import type { NodeKind } from '../../contract/origins';
import { createHostAccess } from './host-access';

function setup(browserName: 'chrome' | 'firefox', state: { inUse?: string[]; nodes?: NodeKind[]; refuses?: boolean }) {
  const removed: object[] = [];
  const hosts = createHostAccess({
    inUse: async () => state.inUse ?? [],
    nodes: async () => state.nodes ?? [],
    browserName,
    ownScripts: ['https://*/*', 'http://localhost/*', 'http://127.0.0.1/*'],
    async remove(permissions) {
      removed.push(permissions);
      if (state.refuses) throw new Error('needed by the manifest');
    },
  });
  return { hosts, removed };
}
const node = 'https://node.example:5558';
const origins = ['https://node.example/*'];

describe('R-J2 access that is given back', () => {
  test('is the host in Chromium, and in Firefox also the leave to send what no node is sent any more', async () => {
    const chrome = setup('chrome', {});
    await chrome.hosts.giveBack(node);
    expect(chrome.removed).toEqual([{ origins }]);
    const firefox = setup('firefox', {});
    await firefox.hosts.giveBack(node);
    expect(firefox.removed).toEqual([
      { origins },
      { data_collection: ['authenticationInfo', 'personalCommunications', 'personallyIdentifyingInfo'] },
    ]);
  });

  test('is not what another node of that host, or of another, still needs', async () => {
    const { hosts, removed } = setup('firefox', { inUse: ['https://node.example'], nodes: ['inboxes'] });
    await hosts.giveBack(node);
    expect(removed).toEqual([{ data_collection: ['authenticationInfo', 'personalCommunications'] }]);
    const both = setup('firefox', { inUse: ['https://other.example'], nodes: ['inboxes', 'messages'] });
    await both.hosts.giveBack(node);
    expect(both.removed).toEqual([{ origins }]);
  });

  test('is not, in Firefox, the host where our own scripts run: they would be gone from its pages', async () => {
    for (const local of ['http://localhost:5555', 'http://127.0.0.1:5555']) {
      const { hosts, removed } = setup('firefox', { nodes: ['messages', 'inboxes', 'names'] });
      await hosts.giveBack(local);
      expect(removed).toEqual([]);
      const chrome = setup('chrome', {});
      await chrome.hosts.giveBack(local);
      expect(chrome.removed).toHaveLength(1);
    }
  });

  test('may be refused by the browser without harm', async () => {
    const { hosts, removed } = setup('firefox', { refuses: true });
    await hosts.giveBack(node);
    expect(removed).toHaveLength(2);
  });
});
