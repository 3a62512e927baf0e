// The service worker (Chromium) and event page (Firefox): wires the browser's events to the gate and the vault.
// Promises: every listener is added before anything is awaited, and waits for one readiness inside (R-G2); no external listener
// exists (R-A5); nothing keeps the worker alive (R-G4).
// Must not: hold a decision or a key.
import browser from 'webextension-polyfill';
import { createVault } from '../vault/vault';
import { once, onDemand } from '../vault/work/on-demand';
import { createAdmission } from './dapps/admission';
import { createBundleChanges } from './network/bundle-changes';
import { createCommands } from './browser/commands';
import { createDappPorts, type PortLike } from './dapps/ports';
import { createHost } from './browser/host';
import { createNotices, type NotificationsApi } from './browser/notices';
import { createPagePorts } from './pages/ports';
import { createPrompts } from './browser/prompts';
import { createRouter } from './dapps/router';
import { createSafeQueues } from './network/identity-queues';
import { classifySender, type Sender } from './browser/sender';
import { alarmName, createSchedule } from './browser/schedule';
import { createTabs } from './browser/tabs';
import { createUnlockWatch } from './pages/unlock-watch';
import { createUpdates } from './browser/updates';
import { createWindows, type WindowsApi } from './browser/windows';

const host = createHost();
/** The second half of the worker, read when something is first asked of it: whoever woke the worker mostly needs the first alone. */
const second = () => import('./later');
const vault = createVault(host, async (core) => (await second()).createLaterParts(core));
const windows = createWindows({
  api: browser as unknown as WindowsApi,
  session: host.session,
  nowMs: host.nowMs,
  checkpoint: host.checkpoint,
});
const self_ = { id: browser.runtime.id, origin: host.extensionOrigin };
const reconnectMs = 10_000;
/** Who woke this worker has its first answer by then, on most machines. */
const firstAnswerMs = 100;

const ready = vault.ready();
// Whoever asks while start-up fails gets the error; this only keeps it from being reported as unhandled.
ready.catch(() => undefined);

const queues = createSafeQueues();
const bundleChanges = createBundleChanges({ session: host.session, nowMs: host.nowMs });
const later = once(async () =>
  (await second()).createLater({
    vault,
    host,
    ready,
    queues,
    windows,
    prompts,
    router,
    tabs,
    async onRotated(account) {
      await bundleChanges.note(account);
      tellDapps();
    },
    onSchedule: () => inBackground(schedule.all()),
  }),
);
const rotation = onDemand(later, 'rotation');
const contactWatch = onDemand(later, 'contactWatch');
const faces = onDemand(later, 'faces');

const prompts = createPrompts({
  vault,
  windows,
  session: host.session,
  nowMs: host.nowMs,
  onRecord: () => schedule.next(),
  onWaits: (origin) => notices.waits(origin),
});
const notices = createNotices({
  api: () => browser.notifications as NotificationsApi | undefined,
  session: host.session,
  nowMs: host.nowMs,
  later: (run, ms) => void setTimeout(run, ms),
  words: (name) => ({
    title: browser.i18n.getMessage('extName'),
    message: browser.i18n.getMessage('noticeWaits', name),
  }),
  iconUrl: browser.runtime.getURL('/icons/128.png'),
  waiting: async () => {
    const held = new Set((await prompts.heldBack()).map(({ origin }) => origin));
    return new Set((await vault.approvals.list()).flatMap(({ origin }) => (held.has(origin) ? [] : origin)));
  },
  isInFront: () => windows.isInFront(),
  show: (origin) => prompts.showWaiting(origin),
});
const admission = createAdmission();
const router = createRouter({
  vault,
  version: __VERSION__,
  nowMs: host.nowMs,
  present: prompts.presentRecord,
  publisher: onDemand(later, 'publisher'),
  admission,
  rotatedAtMs: bundleChanges.all,
});

const tabs = createTabs();
const dappPorts = createDappPorts({ router, admission, ready });
const pagePorts = createPagePorts({ calls: onDemand(later, 'calls') });

const runCommand = createCommands({ lock: () => vault.lock(), showWaiting: () => prompts.showWaiting() });

const updates = createUpdates({
  session: host.session,
  nowMs: host.nowMs,
  isBusy: async () => queues.isBusy() || (await vault.approvals.waitingCount()) > 0,
  rejectAll: () => router.rejectAll(),
  reload: () => browser.runtime.reload(),
});

const unlockWatch = createUnlockWatch({
  vault,
  queues,
  windows,
  router,
  prompts,
  onUnlocked: (safeId) => inBackground(rotation.resume(safeId).then(() => contactWatch.look(safeId))),
});

const schedule = createSchedule({
  dues: [() => vault.lockDue(), () => router.expireDue(), () => vault.grants.sweep(), () => updates.check()],
  startRotations: () => rotation.startDue(),
  nowMs: host.nowMs,
});

async function stateChanged(): Promise<void> {
  await unlockWatch.stateChanged();
  await schedule.all();
}

const inBackground = (work: Promise<unknown>) => void work.catch(() => undefined);

/** Counts of what waits go out soon, not at each of a thousand requests. */
const tellsWaitingAfterMs = 200;
let isTellingWaiting = false;
function tellWaiting(): void {
  if (isTellingWaiting) return;
  isTellingWaiting = true;
  setTimeout(() => {
    isTellingWaiting = false;
    inBackground(dappPorts.announce());
  }, tellsWaitingAfterMs);
}

/** Documents that listen get their state; the rest connect when they are poked. */
function tellDapps(): void {
  inBackground(Promise.all([dappPorts.announce(), tabs.poke()]));
}

vault.onChange((topic) => {
  pagePorts.notify(topic);
  if (topic === 'approvals') {
    pagePorts.notify('state');
    inBackground(vault.approvals.waitingCount().then((waiting) => windows.setBadge(waiting)));
    inBackground(notices.changed());
    tellWaiting();
  }
  if (topic === 'state') inBackground(stateChanged());
  if (topic === 'grants') void prompts.grantsChanged();
  if (topic === 'state' || topic === 'grants') tellDapps();
});

browser.runtime.onConnect.addListener((port) => {
  const speaker = classifySender(port.sender as Sender | undefined, self_, () => crypto.randomUUID());
  if (!speaker) return port.disconnect();
  if (speaker.kind === 'page') return pagePorts.accept(port as unknown as PortLike, speaker);
  vault.grants.preload(speaker.origin);
  const left = tabs.connected(speaker.tabId, speaker.origin);
  port.onDisconnect.addListener(left);
  dappPorts.accept(port as unknown as PortLike, speaker);
});

browser.alarms.onAlarm.addListener((alarm) => {
  if (alarm.name === alarmName) inBackground(ready.then(schedule.all));
});

// Chromium tells when the computer is locked; Firefox does not, and the settings page says so.
browser.idle.onStateChanged.addListener((state) => {
  if (state === 'locked') inBackground(ready.then(() => vault.lock()));
});

// A command is a person's press, wherever in the browser; Firefox on small screens has none.
browser.commands?.onCommand.addListener((name) => inBackground(ready.then(() => runCommand(name))));

// There only while its permission is given, which may be any time after a start.
let listensToNotices = false;
function listenToNotices(): void {
  const notifications = browser.notifications as typeof browser.notifications | undefined;
  if (listensToNotices || !notifications) return;
  listensToNotices = true;
  notifications.onClicked.addListener((id) => inBackground(ready.then(() => notices.pressed(id))));
}
listenToNotices();
browser.permissions.onAdded.addListener(listenToNotices);

// A person may take a permission away in the browser's own settings, and gives one while the popup is closed by the question.
for (const changed of [browser.permissions.onAdded, browser.permissions.onRemoved])
  changed.addListener(() => inBackground(ready.then(faces.check)));

browser.runtime.onUpdateAvailable.addListener(() => inBackground(ready.then(updates.available).then(schedule.next)));

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
    const unlockedBefore = await unlockWatch.takeUp();
    // What follows is for nobody who waits.
    await new Promise((resolve) => setTimeout(resolve, firstAnswerMs));
    inBackground(faces.check());
    await vault.approvals
      .waitingCount()
      .then(windows.setBadge)
      .catch(() => undefined);
    await schedule.all().catch(() => undefined);
    await prompts.resume();
    for (const safeId of unlockedBefore)
      inBackground(rotation.resumeInterrupted(safeId).then(() => contactWatch.lookNowAndThen(safeId)));
    // Relays reconnect within a moment of the restart; a document that did not was closed while the worker was away.
    setTimeout(() => inBackground(router.reap()), reconnectMs);
  }),
);
