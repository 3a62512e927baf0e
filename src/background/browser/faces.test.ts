// The wallet face in the browser: what is laid is what a person chose and the browser permitted, through updates, restarts and changes of mind.
import { beforeEach, describe, expect, test } from 'vitest';
import type { SiteFace } from '../../contract/pages/sites';
import { createMemoryArea } from '../../vault/testkit/memory-host.testkit';
import { createFaces, type FaceScript } from './faces';
import { createHostAccess } from './host-access';

/** A browser with its permissions and dynamic scripts; the vault's record survives everything. */
function setup(browserName: 'chrome' | 'firefox' = 'chrome') {
  const state = {
    nowMs: 1_000_000,
    stored: [] as SiteFace[],
    node: undefined as string | undefined,
    permitted: new Set<string>(),
    laid: new Map<string, FaceScript>(),
    session: new Map<string, string>(),
    refuses: false,
  };
  const asked = ({ permissions = [], origins = [] }: { permissions?: string[]; origins?: string[] }) => [
    ...permissions,
    ...origins,
  ];
  const permissions = {
    contains: async (wanted: object) => asked(wanted).every((one) => state.permitted.has(one)),
    remove: async (gone: object) => asked(gone).forEach((one) => state.permitted.delete(one)),
  };
  const faces = createFaces({
    browserName,
    store: {
      list: async () => [...state.stored],
      async set(origin, standsIn) {
        state.stored = state.stored.filter((face) => face.origin !== origin);
        if (standsIn !== null) state.stored.push({ origin, standsIn });
      },
    },
    session: createMemoryArea(state.session),
    scripting: () =>
      state.permitted.has('scripting')
        ? {
            getRegisteredContentScripts: async () => [...state.laid.values()],
            async registerContentScripts(scripts) {
              if (state.refuses) throw new Error('no such host');
              for (const script of scripts) {
                if (state.laid.has(script.id)) throw new Error('there already');
                state.laid.set(script.id, script);
              }
            },
            async unregisterContentScripts({ ids }) {
              for (const id of ids) if (!state.laid.delete(id)) throw new Error('not there');
            },
          }
        : undefined,
    permissions,
    hosts: createHostAccess({
      inUse: async () => [...state.stored.map(({ origin }) => origin), ...(state.node ? [state.node] : [])],
      nodes: async () => [],
      browserName,
      ownScripts: [],
      remove: permissions.remove,
    }),
    nowMs: () => state.nowMs,
  });
  return {
    state,
    faces,
    permit: (...ones: string[]) => ones.forEach((one) => state.permitted.add(one)),
    laid: () => [...state.laid.values()].map(({ js, matches }) => `${js.join()} ${matches.join()}`),
  };
}

const site = 'https://app.example';
const pattern = `${site}/*`;
const reason = (work: Promise<unknown>) => work.catch((error: { reason?: string }) => error.reason ?? 'other');
let one: ReturnType<typeof setup>;
beforeEach(() => {
  one = setup();
});

describe('switching it on', () => {
  test('R-J2 lays nothing and stores nothing without the permission of the browser', async () => {
    expect(await one.faces.set(site, 'wallet')).toBe('waits');
    one.permit('scripting');
    expect(await one.faces.set(site, 'wallet')).toBe('waits');
    expect([one.laid(), one.state.stored]).toEqual([[], []]);
  });

  test('R-A9 lays one script into this origin alone, before the page’s first script, in top frames', async () => {
    one.permit('scripting', pattern);
    expect(await one.faces.set(site, 'wallet')).toBe('done');
    expect([...one.state.laid.values()]).toEqual([
      {
        id: `wallet ${site}`,
        js: ['face.js'],
        matches: ['https://app.example:443/*'],
        runAt: 'document_start',
        world: 'MAIN',
        allFrames: false,
        persistAcrossSessions: true,
      },
    ]);
  });

  test('the stand-in is the other script, in the place of the first', async () => {
    one.permit('scripting', pattern);
    await one.faces.set(site, 'wallet');
    await one.faces.set(site, 'stand-in');
    expect(one.laid()).toEqual(['face-stand-in.js https://app.example:443/*']);
    await one.faces.set(site, 'wallet');
    expect(one.laid()).toEqual(['face.js https://app.example:443/*']);
    expect(await one.faces.list()).toEqual([{ origin: site, standsIn: false }]);
  });

  test('R-A2 another port is another site: in Chromium by the pattern, and in Firefox there is none for ports', async () => {
    one.permit('scripting', 'http://localhost/*');
    await one.faces.set('http://localhost:3000', 'wallet');
    await one.faces.set('http://localhost', 'wallet');
    expect(one.laid()).toEqual(['face.js http://localhost:3000/*', 'face.js http://localhost:80/*']);
    const firefox = setup('firefox');
    firefox.permit('scripting', 'http://localhost/*');
    expect(await reason(firefox.faces.set('http://localhost:3000', 'wallet'))).toBe('invalid-input');
    await firefox.faces.set('http://localhost', 'wallet');
    expect(firefox.laid()).toEqual(['face.js http://localhost/*']);
  });

  test.each(['http://app.example', 'https://app.example/path', 'chrome://settings', 'https://app.example.', ''])(
    '%j cannot have one',
    async (origin) => {
      one.permit('scripting', pattern, 'http://app.example/*');
      expect(await reason(one.faces.set(origin, 'wallet'))).toBe('invalid-input');
      expect(one.laid()).toEqual([]);
    },
  );

  test('a script that the browser does not take leaves everything as it was', async () => {
    one.permit('scripting', pattern);
    one.state.refuses = true;
    expect(await reason(one.faces.set(site, 'wallet'))).toBe('other');
    expect(await one.faces.list()).toEqual([]);
  });
});

describe('a popup that the browser’s question closes', () => {
  test('the wish is carried out when the browser permits it, once', async () => {
    await one.faces.set(site, 'stand-in');
    one.permit('scripting');
    await one.faces.check();
    expect(one.laid()).toEqual([]);
    one.permit(pattern);
    await one.faces.check();
    expect(one.laid()).toEqual(['face-stand-in.js https://app.example:443/*']);
    await one.faces.set(site, 'off');
    one.permit('scripting', pattern);
    await one.faces.check();
    expect(one.laid()).toEqual([]);
  });

  test('not after five minutes, and not when it was taken back', async () => {
    await one.faces.set(site, 'wallet');
    one.state.nowMs += 300_001;
    one.permit('scripting', pattern);
    await one.faces.check();
    await one.faces.set('https://b.example', 'wallet');
    await one.faces.set('https://b.example', 'off');
    one.permit('https://b.example/*');
    await one.faces.check();
    expect([one.laid(), one.state.session.size]).toEqual([[], 0]);
  });
});

describe('switching it off', () => {
  beforeEach(() => one.permit('scripting', pattern, 'https://b.example/*'));

  test('takes the script away and gives back the host, and with the last one the permission for scripts', async () => {
    await one.faces.set(site, 'wallet');
    await one.faces.set('https://b.example', 'wallet');
    await one.faces.set(site, 'off');
    expect(one.laid()).toEqual(['face.js https://b.example:443/*']);
    expect([...one.state.permitted]).toEqual(['scripting', 'https://b.example/*']);
    await one.faces.clear();
    expect([one.laid(), [...one.state.permitted], one.state.stored]).toEqual([[], [], []]);
  });

  test('R-J2 leaves the host to the node that is there, and to another port with a face', async () => {
    one.state.node = 'https://app.example:5555';
    await one.faces.set(site, 'wallet');
    await one.faces.set('https://app.example:8443', 'wallet');
    await one.faces.set(site, 'off');
    expect(one.state.permitted).toContain(pattern);
    await one.faces.set('https://app.example:8443', 'off');
    expect(one.state.permitted).toContain(pattern);
    one.state.node = undefined;
    await one.faces.set(site, 'wallet');
    one.permit('scripting');
    await one.faces.set(site, 'wallet');
    await one.faces.set(site, 'off');
    expect(one.state.permitted).not.toContain(pattern);
  });

  test('of a site that has none changes nothing', async () => {
    await one.faces.set('https://c.example', 'off');
    expect([...one.state.permitted]).toEqual(['scripting', pattern, 'https://b.example/*']);
  });
});

describe('what is laid follows what is stored', () => {
  beforeEach(async () => {
    one.permit('scripting', pattern, 'https://b.example/*');
    await one.faces.set(site, 'stand-in');
  });

  test('an update of the extension clears the scripts, and the next start lays them again', async () => {
    one.state.laid.clear();
    await one.faces.check();
    await one.faces.check();
    expect(one.laid()).toEqual(['face-stand-in.js https://app.example:443/*']);
  });

  test('a script that nobody wants any more goes', async () => {
    one.state.stored = [];
    await one.faces.check();
    expect(one.laid()).toEqual([]);
  });

  test('R-J2 who takes the host away in the browser has switched it off', async () => {
    await one.faces.set('https://b.example', 'wallet');
    one.state.permitted.delete(pattern);
    await one.faces.check();
    expect([one.laid(), await one.faces.list()]).toEqual([
      ['face.js https://b.example:443/*'],
      [{ origin: 'https://b.example', standsIn: false }],
    ]);
  });

  test('changes come one after the other', async () => {
    await Promise.all([
      one.faces.set(site, 'wallet'),
      one.faces.check(),
      one.faces.set(site, 'off'),
      one.faces.set(site, 'stand-in'),
      one.faces.check(),
    ]);
    // The host was given back when it was off for a moment: the last wish waits for the browser.
    expect([one.laid(), one.state.stored]).toEqual([[], []]);
  });
});
