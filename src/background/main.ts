// The service worker (Chromium) and event page (Firefox): wires the browser's events to the gate and the vault.
// Promises: every listener is added before anything is awaited, and waits for one readiness inside (R-G2); no external listener
// exists (R-A5); nothing keeps the worker alive (R-G4).
// Must not: hold a decision or a key.
import browser from 'webextension-polyfill';
import type { PokeMessage } from '../contract/frames';
import { createVault } from '../vault/vault';
import { createBundleChanges } from './bundle-changes';
import { createContactWatch } from './contact-watch';
import { createDappPorts, type PortLike } from './dapp-ports';
import { createDappPublisher } from './dapp-publisher';
import { createHandlers } from './handlers';
import { createHost } from './host';
import { createFlowHandlers } from './network-flows';
import { createNodeAccess } from './node-access';
import { createPagePorts } from './page-ports';
import { createPresenting } from './presenting';
import { createPublishing } from './publishing';
import { createRotationFlow } from './rotation-flow';
import { createRouter } from './router';
import { createSafeQueues } from './safe-queues';
import { classifySender, type Sender } from './sender';
import { createUpdates } from './updates';
import { createWindows, type WindowsApi } from './windows';

const host = createHost();
const vault = createVault(host);
const windows = createWindows({ api: browser as unknown as WindowsApi, session: host.session, nowMs: host.nowMs, checkpoint: host.checkpoint });
const self_ = { id: browser.runtime.id, origin: host.extensionOrigin };
const alarmName = 'deadline';
const reconnectMs = 10_000;

const ready = vault.ready();
// Whoever asks while start-up fails gets the error; this only keeps it from being reported as unhandled.
ready.catch(() => undefined);

const node = createNodeAccess({
  environment: async () => (await vault.settings.get()).environment,
  mayReach: (pattern) => browser.permissions.contains({ origins: [pattern] }),
});
const queues = createSafeQueues();
const bundleChanges = createBundleChanges({ session: host.session, nowMs: host.nowMs });
const rotation = createRotationFlow({
  vault,
  node,
  session: host.session,
  queues,
  nowMs: host.nowMs,
  async onRotated(account) {
    await bundleChanges.note(account);
    tellDapps();
  },
  onEnd: () => inBackground(startRotations()),
});
const contactWatch = createContactWatch({ vault, node, session: host.session, queues, nowMs: host.nowMs });

const presenting = createPresenting({ vault, windows, session: host.session, onRecord: () => scheduleNext() });
const router = createRouter({
  vault,
  version: __VERSION__,
  nowMs: host.nowMs,
  present: presenting.presentRecord,
  publisher: createDappPublisher({ vault, node, queues, session: host.session, nowMs: host.nowMs }),
  rotatedAtMs: bundleChanges.all,
});

/** Origins learned from the sender of ports, for the popup. */
const askedTabs = new Map<number, (origin: string) => void>();

async function originOfTab(tabId: number): Promise<string | null> {
  const asked = new Promise<string>((resolve) => askedTabs.set(tabId, resolve));
  try {
    await browser.tabs.sendMessage(tabId, { prekeyVault: 'poke', answer: true } satisfies PokeMessage, { frameId: 0 });
  } catch {
    askedTabs.delete(tabId);
    return null;
  }
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), 500));
  return await Promise.race([asked, late]).finally(() => askedTabs.delete(tabId));
}

const dappPorts = createDappPorts({ router, ready });
const pagePorts = createPagePorts({
  ready,
  handlers: createHandlers({
    vault,
    router,
    showApproval: () => presenting.present(),
    mayCloseApproval: () => windows.mayCloseApproval(async () => (await vault.approvals.waitingCount()) > 0),
    showUnlock: (safeId) => windows.show('unlock', safeId),
    originOfTab,
    flows: createFlowHandlers({
      vault,
      node,
      publishing: createPublishing({ vault, node, nowMs: host.nowMs }),
      rotation,
      queues,
      nowMs: host.nowMs,
      onSchedule: () => inBackground(startRotations()),
    }),
    queues,
    nowMs: host.nowMs,
  }),
});

const updates = createUpdates({
  session: host.session,
  nowMs: host.nowMs,
  isBusy: async () => queues.isBusy() || (await vault.approvals.waitingCount()) > 0,
  rejectAll: () => router.rejectAll(),
  reload: () => browser.runtime.reload(),
});

/** Tells every tab that there may be news; a tab where nobody listens does nothing. */
async function poke(): Promise<void> {
  for (const tab of await browser.tabs.query({}))
    if (tab.id !== undefined)
      void browser.tabs.sendMessage(tab.id, { prekeyVault: 'poke' } satisfies PokeMessage, { frameId: 0 }).catch(() => undefined);
}

let nextRotationMs: number | undefined;

/** Starts rotations that are due. Apart from the rest: it reads sealed records, and a card must not wait for that. */
async function startRotations(): Promise<void> {
  nextRotationMs = await rotation.startDue().catch(() => undefined);
  await scheduleNext();
}

/** Locks what is due, ends what waited too long, and sets the one alarm for the next of them. */
async function scheduleNext(): Promise<void> {
  const nextLockMs = await vault.lockDue();
  const nextEndMs = await router.expireDue();
  const nextGrantMs = await vault.grants.sweep();
  const nextUpdateMs = await updates.check();
  const nextMs = Math.min(...[nextLockMs, nextEndMs, nextGrantMs, nextRotationMs, nextUpdateMs].map((ms) => ms ?? Infinity));
  if (nextMs === Infinity) await browser.alarms.clear(alarmName);
  else await browser.alarms.create(alarmName, { when: Math.max(nextMs, host.nowMs() + 1000) });
}

let unlockedBefore = new Set<string>();
async function stateChanged(): Promise<void> {
  const { identities } = await vault.state();
  const unlocked = new Set(identities.filter((one) => one.status === 'unlocked').map((one) => one.safeId));
  const opened = [...unlocked].filter((safeId) => !unlockedBefore.has(safeId));
  const closed = [...unlockedBefore].some((safeId) => !unlocked.has(safeId));
  unlockedBefore = unlocked;
  if (closed) await windows.closeApproval();
  if (opened.length > 0) {
    await router.unlocked();
    await presenting.present();
  }
  for (const safeId of opened) inBackground(rotation.resume(safeId).then(() => contactWatch.look(safeId)));
  await startRotations();
}

const inBackground = (work: Promise<unknown>) => void work.catch(() => undefined);

/** Documents that listen get their state; the rest connect when they are poked. */
function tellDapps(): void {
  inBackground(Promise.all([dappPorts.announce(), poke()]));
}

vault.onChange((topic) => {
  pagePorts.notify(topic);
  if (topic === 'approvals') {
    pagePorts.notify('state');
    inBackground(vault.approvals.waitingCount().then((waiting) => windows.setBadge(waiting)));
  }
  if (topic === 'state') inBackground(stateChanged());
  if (topic === 'state' || topic === 'grants') tellDapps();
});

browser.runtime.onConnect.addListener((port) => {
  const speaker = classifySender(port.sender as Sender | undefined, self_, () => crypto.randomUUID());
  if (!speaker) return port.disconnect();
  if (speaker.kind === 'page') return pagePorts.accept(port as unknown as PortLike, speaker);
  askedTabs.get(speaker.tabId)?.(speaker.origin);
  dappPorts.accept(port as unknown as PortLike, speaker);
});

browser.alarms.onAlarm.addListener((alarm) => {
  if (alarm.name === alarmName) inBackground(ready.then(startRotations));
});

// Chromium tells when the computer is locked; Firefox does not, and the settings page says so.
browser.idle.onStateChanged.addListener((state) => {
  if (state === 'locked') inBackground(ready.then(() => vault.lock()));
});

browser.runtime.onUpdateAvailable.addListener(() => inBackground(ready.then(updates.available).then(scheduleNext)));

browser.runtime.onStartup.addListener(() => inBackground(ready.then(() => vault.browserStarted())));

browser.runtime.onInstalled.addListener(({ reason }) => {
  inBackground(
    ready.then(async () => {
      if (reason === 'update') await vault.browserStarted();
      if (reason === 'install' && (await vault.state()).status === 'empty') await windows.show('onboarding');
    }),
  );
});

inBackground(
  ready.then(async () => {
    const { identities } = await vault.state();
    unlockedBefore = new Set(identities.filter((one) => one.status === 'unlocked').map((one) => one.safeId));
    await windows.setBadge(await vault.approvals.waitingCount());
    await startRotations();
    await presenting.resume();
    for (const safeId of unlockedBefore) inBackground(rotation.resumeInterrupted(safeId).then(() => contactWatch.lookNowAndThen(safeId)));
    // Relays reconnect within a moment of the restart; a document that did not was closed while the worker was away.
    setTimeout(() => inBackground(router.reap()), reconnectMs);
  }),
);
