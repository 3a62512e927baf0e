// The wallet face in the browser: which script is laid into which site, as the person chose.
// Promises: a script is registered for exactly the origins that are stored, and registered anew after an update, which clears them; without the
// browser's permission for the host nothing is stored and nothing laid; what is needed no longer is given back.
// Must not: ask for a permission (only a page can, while a press counts), or know what the script does.
import { VaultError } from '../../contract/errors';
import { hostPattern } from '../../contract/origins';
import type { faceChoices } from '../../contract/choices';
import type { SiteFace } from '../../contract/pages/sites';
import { isGrantOrigin } from '../../vault/consent/grant-record';
import type { KeyValueArea } from '../../vault/store/host';
import { createQueue } from '../../vault/work/queue';
import type { HostAccess } from './host-access';

/** What is used of browser.scripting, which is there only while its permission is given. */
export interface ScriptingApi {
  getRegisteredContentScripts(): Promise<{ id: string }[]>;
  registerContentScripts(scripts: FaceScript[]): Promise<void>;
  unregisterContentScripts(filter: { ids: string[] }): Promise<void>;
}

export interface FaceScript {
  id: string;
  js: string[];
  matches: string[];
  runAt: 'document_start';
  world: 'MAIN';
  allFrames: false;
  persistAcrossSessions: true;
}

interface Permissions {
  permissions?: string[];
  origins?: string[];
}

export type FaceChoice = (typeof faceChoices)[number];

export interface Faces {
  list(): Promise<SiteFace[]>;
  /** As the row face_set says. */
  set(origin: string, face: FaceChoice): Promise<'done' | 'waits'>;
  /** Switches all off. */
  clear(): Promise<void>;
  /** After a start, an update or a change of permissions: makes what is laid what is stored, and what is stored what is permitted. */
  check(): Promise<void>;
}

const wishKey = 'face-wish';
const wishMs = 300_000;
interface Wish {
  origin: string;
  standsIn: boolean;
  untilMs: number;
}

const scripting = ['scripting'];

export function createFaces(options: {
  browserName: 'chrome' | 'firefox';
  store: { list(): Promise<SiteFace[]>; set(origin: string, standsIn: boolean | null): Promise<void> };
  session: KeyValueArea;
  scripting: () => ScriptingApi | undefined;
  permissions: {
    contains(permissions: Permissions): Promise<boolean>;
    remove(permissions: Permissions): Promise<unknown>;
  };
  hosts: HostAccess;
  nowMs: () => number;
}): Faces {
  const { browserName, store, session, permissions, hosts, nowMs } = options;
  const inTurn = createQueue();

  const isPermitted = (origin: string) =>
    permissions.contains({ permissions: scripting, origins: [hostPattern(origin)] });

  /** The name says all that can be chosen, so that scripts of the same name are the same. */
  function scriptOf({ origin, standsIn }: SiteFace): FaceScript {
    const url = new URL(origin);
    // Without a port a pattern of Chromium's is good for every port. Firefox knows none: there the script looks itself, and `set` refuses others.
    const port = url.port || (url.protocol === 'https:' ? '443' : '80');
    return {
      id: `${standsIn ? 'stand-in' : 'wallet'} ${origin}`,
      js: [standsIn ? 'face-stand-in.js' : 'face.js'],
      matches: [browserName === 'firefox' ? hostPattern(origin) : `${url.protocol}//${url.hostname}:${port}/*`],
      runAt: 'document_start',
      world: 'MAIN',
      allFrames: false,
      persistAcrossSessions: true,
    };
  }

  async function lay(): Promise<void> {
    const api = options.scripting();
    if (!api) return;
    const wanted = (await store.list()).map(scriptOf);
    const laid = new Set((await api.getRegisteredContentScripts()).map(({ id }) => id));
    const left = [...laid].filter((id) => !wanted.some((script) => script.id === id));
    if (left.length > 0) await api.unregisterContentScripts({ ids: left });
    const missing = wanted.filter(({ id }) => !laid.has(id));
    if (missing.length > 0) await api.registerContentScripts(missing);
  }

  async function turnOn(origin: string, standsIn: boolean): Promise<void> {
    const before = (await store.list()).find((face) => face.origin === origin);
    await store.set(origin, standsIn);
    try {
      await lay();
    } catch (error) {
      await store.set(origin, before?.standsIn ?? null);
      throw error;
    }
  }

  async function turnOff(origins: readonly string[]): Promise<void> {
    for (const origin of origins) await store.set(origin, null);
    await lay();
    for (const origin of origins) await hosts.giveBack(origin);
    if (origins.length > 0 && (await store.list()).length === 0)
      await permissions.remove({ permissions: scripting }).catch(() => undefined);
  }

  async function set(origin: string, face: FaceChoice): Promise<'done' | 'waits'> {
    await session.remove([wishKey]);
    if (face === 'off') {
      const isOn = (await store.list()).some((one) => one.origin === origin);
      await turnOff(isOn ? [origin] : []);
      return 'done';
    }
    if (!isGrantOrigin(origin) || (browserName === 'firefox' && new URL(origin).port !== ''))
      throw new VaultError('invalid-input');
    const standsIn = face === 'stand-in';
    if (!(await isPermitted(origin))) {
      // The browser's question may close the popup before it is answered, so the wish has to outlive it.
      await session.set({ [wishKey]: { origin, standsIn, untilMs: nowMs() + wishMs } satisfies Wish });
      return 'waits';
    }
    await turnOn(origin, standsIn);
    return 'done';
  }

  async function check(): Promise<void> {
    const lost: string[] = [];
    for (const { origin } of await store.list()) if (!(await isPermitted(origin))) lost.push(origin);
    await turnOff(lost);
    const wish = (await session.get([wishKey]))[wishKey] as Wish | undefined;
    if (wish === undefined) return;
    const isOver = nowMs() > wish.untilMs;
    if (!isOver && !(await isPermitted(wish.origin))) return;
    await session.remove([wishKey]);
    if (!isOver) await turnOn(wish.origin, wish.standsIn);
  }

  return {
    list: () => store.list(),
    set: (origin, face) => inTurn(() => set(origin, face)),
    clear: () => inTurn(async () => turnOff((await store.list()).map(({ origin }) => origin))),
    check: () => inTurn(check),
  };
}
