// What the worker reads in a second step (docs/adr/0028): what our own pages call, what goes over the network, the sites with the wallet face, and
// the later parts of the vault.
// Promises: nothing here listens to the browser. Must not: be imported but by import(), from main.ts alone.
import browser, { type Permissions } from 'webextension-polyfill';
import { nodePermissions, type NodeKind } from '../contract/origins';
import type { VaultHost } from '../vault/store/host';
import type { Vault } from '../vault/vault';
import { createFaces, type Faces, type ScriptingApi } from './browser/faces';
import { createHostAccess } from './browser/host-access';
import type { Prompts } from './browser/prompts';
import type { Tabs } from './browser/tabs';
import type { Windows } from './browser/windows';
import type { Router } from './dapps/router';
import { createContactWatch, type ContactWatch } from './network/contact-watch';
import { createDappPublisher, type DappPublisher } from './network/dapp-publisher';
import type { SafeQueues } from './network/identity-queues';
import { createEnsNames } from './network/ens-names';
import { createInboxNode } from './network/inbox-reading';
import { createNodeAccess } from './network/node-access';
import { createPublishing } from './network/publishing';
import { createRotationFlow, type RotationFlow } from './network/rotate';
import { createPageCalls, type PageCalls } from './pages/calls';
import { createArchiveHandlers } from './pages/archive-handlers';
import { createHandlers } from './pages/handlers';
import { createFlowHandlers } from './pages/network-handlers';

export { createLaterParts } from '../vault/later-parts';

export interface Later {
  readonly publisher: DappPublisher;
  readonly rotation: RotationFlow;
  readonly contactWatch: ContactWatch;
  readonly faces: Faces;
  readonly calls: PageCalls;
}

export function createLater(options: {
  vault: Vault;
  host: VaultHost;
  ready: Promise<void>;
  queues: SafeQueues;
  windows: Windows;
  prompts: Prompts;
  router: Router;
  tabs: Tabs;
  /** The prekey of an account was replaced. */
  onRotated: (account: string) => Promise<void>;
  /** Something the one alarm depends on has changed. */
  onSchedule: () => void;
}): Later {
  const { vault, host, ready, queues, windows, prompts, router, tabs, onRotated, onSchedule } = options;
  const { session, nowMs } = host;
  const mayReach = (kind: NodeKind) => (pattern: string) =>
    browser.permissions.contains(nodePermissions(pattern, kind, __BROWSER__));
  const node = createNodeAccess({
    environment: async () => (await vault.settings.get()).environment,
    mayReach: mayReach('messages'),
  });
  const inboxNode = createInboxNode({ vault, mayReach: mayReach('inboxes'), nowMs });
  const ensNames = createEnsNames({ vault, mayReach: mayReach('names'), nowMs });
  const rotation = createRotationFlow({ vault, node, session, queues, nowMs, onRotated, onEnd: onSchedule });
  const hosts = createHostAccess({
    inUse: async () => {
      const { environment, inboxNode: url, ensNode } = await vault.settings.get();
      const nodes = [environment?.url, url, ensNode].filter((one) => typeof one === 'string');
      return [...(await vault.faces.list()).map(({ origin }) => origin), ...nodes];
    },
    nodes: async () => {
      const { environment, inboxNode: url, ensNode } = await vault.settings.get();
      const set = { messages: environment, inboxes: url, names: ensNode };
      return (['messages', 'inboxes', 'names'] as const).filter((kind) => set[kind] !== null);
    },
    browserName: __BROWSER__,
    ownScripts: (browser.runtime.getManifest().content_scripts ?? []).flatMap(({ matches }) => matches ?? []),
    remove: (permissions) => browser.permissions.remove(permissions as Permissions.Permissions),
  });
  const faces = createFaces({
    browserName: __BROWSER__,
    store: vault.faces,
    session,
    scripting: () => browser.scripting as unknown as ScriptingApi | undefined,
    permissions: browser.permissions as unknown as Parameters<typeof createFaces>[0]['permissions'],
    hosts,
    nowMs,
  });
  return {
    publisher: createDappPublisher({ vault, node, queues, session, nowMs }),
    rotation,
    contactWatch: createContactWatch({ vault, node, session, queues, nowMs }),
    faces,
    calls: createPageCalls({
      ready,
      handlers: createHandlers({
        vault,
        router,
        prompts,
        mayCloseApproval: () => windows.mayCloseApproval(async () => (await vault.approvals.waitingCount()) > 0),
        showUnlock: (safeId) => windows.show('unlock', safeId),
        originOfTab: tabs.originOf,
        flows: createFlowHandlers({
          vault,
          node,
          publishing: createPublishing({ vault, node, nowMs }),
          rotation,
          queues,
          nowMs,
          onSchedule,
        }),
        archives: createArchiveHandlers({ vault, node, queues, nowMs }),
        node,
        inboxNode,
        ensNames,
        faces,
        hosts,
        nowMs,
      }),
    }),
  };
}
