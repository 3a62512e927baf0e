// What a release is made of: zips that depend on nothing but their files, the source, licences, the list of packages, and the linter's report.
// Promises: the short form needs no build and no network. Whole (`npm run campaign package`) two folders and the unpacked source build the same bytes.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unzipSync } from 'fflate';
import fc from 'fast-check';
import { afterAll, describe, expect, it, test } from 'vitest';
import { isWhole, lawOf } from '../campaign/size';
import { unexplained } from './lint.mjs';
import { noticeOf, noticeText, packageFolder } from './notices.mjs';
import { sbomOf, withoutChance, type Sbom } from './sbom.mjs';
import { sourceFiles } from './source.mjs';
import { filesBelow, zipOf } from './zip.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const scratch = mkdtempSync(path.join(tmpdir(), 'prekey-vault-release-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const json = <T>(file: string) => JSON.parse(readFileSync(file, 'utf8')) as T;

describe('a zip', () => {
  it('is the same bytes from two folders, whenever and in whichever order their files were made', () => {
    const files = { 'b.txt': 'two', 'a.txt': 'one', 'deep/c.txt': 'three'.repeat(100), 'B.txt': 'four' };
    const [one, other] = ['one', 'other'].map((name, index) => {
      const folder = path.join(scratch, name);
      mkdirSync(path.join(folder, 'deep'), { recursive: true });
      const entries = Object.entries(files);
      for (const [file, text] of index === 0 ? entries : entries.reverse()) {
        writeFileSync(path.join(folder, file), text);
        utimesSync(path.join(folder, file), 1_000_000_000 * (index + 1), 1_000_000_000 * (index + 1));
      }
      return zipOf(filesBelow(folder));
    });
    expect(Buffer.from(one!).equals(Buffer.from(other!))).toBe(true);
    expect(Object.keys(unzipSync(one!))).toEqual(['B.txt', 'a.txt', 'b.txt', 'deep/c.txt']);
  });

  it('says the same time in every zone', () => {
    const script =
      "import { zipOf } from './scripts/package/zip.mjs'; process.stdout.write(Buffer.from(zipOf(new Map([['a', Buffer.from('a')]]))).toString('hex'));";
    const zips = ['UTC', 'Pacific/Kiritimati', 'America/St_Johns'].map((TZ) =>
      execFileSync(process.execPath, ['--input-type=module', '-e', script], {
        cwd: root,
        env: { ...process.env, TZ },
        encoding: 'utf8',
      }),
    );
    expect(new Set(zips).size).toBe(1);
  });

  test('law: gives back what was put in, and the order of putting in changes no byte', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z]{1,6}(\/[a-z]{1,6})?$/), fc.uint8Array({ maxLength: 300 })),
        (drawn) => {
          const entries = Object.entries(drawn);
          const zip = zipOf(new Map(entries));
          expect(Buffer.from(zip).equals(Buffer.from(zipOf(new Map(entries.reverse()))))).toBe(true);
          const back = unzipSync(zip);
          expect(Object.keys(back).sort()).toEqual(Object.keys(drawn).sort());
          for (const [name, bytes] of entries) expect(Buffer.from(back[name]!).equals(Buffer.from(bytes))).toBe(true);
        },
      ),
      lawOf('package', 'zips'),
    );
  });
});

describe('the source', () => {
  const files = sourceFiles(root);

  it('has what a build reads and how to build, and nothing that is installed or made', () => {
    for (const name of [
      'package.json',
      'package-lock.json',
      'vite.config.ts',
      'manifest.json',
      'BUILD.md',
      'LICENSE',
      'src/background/main.ts',
    ])
      expect(files.has(name), name).toBe(true);
    expect([...files.keys()].filter((name) => /^(?:node_modules|dist|\.git|\.cache|screenshots)\//.test(name))).toEqual(
      [],
    );
  });

  it('lists itself when it was unpacked where there is no git', () => {
    const folder = path.join(scratch, 'unpacked');
    for (const name of [
      'package.json',
      'src/a.ts',
      'docs/a.md',
      'node_modules/a/package.json',
      'dist/a.js',
      '.gitignore',
      'a.log',
    ]) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), name);
    }
    expect([...sourceFiles(folder).keys()].sort()).toEqual(['.gitignore', 'docs/a.md', 'package.json', 'src/a.ts']);
  });
});

describe('licences', () => {
  function packed(manifest: object, files: Record<string, string>): string {
    const folder = mkdtempSync(path.join(scratch, 'package-'));
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'one', version: '1.0.0', ...manifest }));
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    return folder;
  }

  it('are told with name, version, source and text, one text for all that share it', () => {
    const one = noticeOf(
      packed({ license: 'MIT', repository: 'https://git.example/one' }, { LICENSE: 'the text' }),
      [],
    );
    const other = noticeOf(
      packed(
        { name: 'other', license: 'MIT', repository: { url: 'git+https://git.example/other.git' } },
        { 'license.md': 'the text' },
      ),
      [],
    );
    const text = noticeText('Words of ours.', [other, one]);
    expect(text).toMatch(
      /^Words of ours\.\n\none 1\.0\.0: MIT, https:\/\/git\.example\/one\nother 1\.0\.0: MIT, https:\/\/git\.example\/other\n/,
    );
    expect(text.split('the text')).toHaveLength(2);
  });

  it('end the build where nobody has looked at one, or where there is no text', () => {
    expect(() => noticeOf(packed({ license: 'GPL-3.0' }, { LICENSE: 'the text' }), [])).toThrow('nobody has looked at');
    expect(() => noticeOf(packed({}, { LICENSE: 'the text' }), [])).toThrow('nobody has looked at');
    expect(() => noticeOf(packed({ license: '(MIT AND WTFPL)' }, { LICENSE: 'the text' }), [])).toThrow(
      'nobody has looked at',
    );
    expect(() => noticeOf(packed({ license: '(WTFPL OR GPL-3.0)' }, { LICENSE: 'the text' }), [])).toThrow(
      'nobody has looked at',
    );
    expect(() => noticeOf(packed({ license: '(MIT OR ISC AND WTFPL)' }, { LICENSE: 'the text' }), [])).toThrow(
      'nobody has looked at',
    );
    expect(() => noticeOf(packed({ license: 'MIT' }, {}), [])).toThrow('no text');
  });

  it('are the first we know of those that one may choose from', () => {
    expect(noticeOf(packed({ license: '(WTFPL OR MIT OR Apache-2.0)' }, { LICENSE: 'the text' }), []).license).toBe(
      'MIT',
    );
  });

  it('are read off the heads of modules where a package has no file of them, with the whole text of Apache', () => {
    const folder = path.join(root, 'node_modules/@bufbuild/protobuf');
    const { license, texts } = noticeOf(
      folder,
      ['create.js', 'wire/varint.js'].map((file) => path.join(folder, 'dist/esm', file)),
    );
    expect(license).toBe('Apache-2.0 and BSD-3-Clause');
    for (const part of ['Buf Technologies', 'Copyright 2008 Google Inc.', 'END OF TERMS AND CONDITIONS'])
      expect(texts.join('\n')).toContain(part);
  });

  it('are those of the package a module is from, also of one inside another, and of what tools add', () => {
    expect(packageFolder('/a/node_modules/@x/y/node_modules/z/index.js', '/a')).toBe(
      '/a/node_modules/@x/y/node_modules/z',
    );
    expect(packageFolder('/a/node_modules/@x/y/index.js?commonjs', '/a')).toBe('/a/node_modules/@x/y');
    expect(packageFolder('\0rolldown/runtime.js', '/a')).toBe('/a/node_modules/rolldown');
    expect(packageFolder('\0vite/preload-helper.js', '/a')).toBe('/a/node_modules/vite');
    expect(packageFolder('/a/src/ui/text.tsx', '/a')).toBeUndefined();
  });

  it('are there for every runtime dependency', () => {
    const { dependencies } = json<{ dependencies: Record<string, string> }>(path.join(root, 'package.json'));
    for (const name of Object.keys(dependencies)) {
      const folder = path.join(root, 'node_modules', name);
      const heads = [...filesBelow(folder).keys()]
        .filter((file) => file.endsWith('.js'))
        .map((file) => path.join(folder, file));
      expect(noticeOf(folder, heads).texts.join(''), name).not.toBe('');
    }
  });
});

describe('the list of packages', () => {
  it('has every runtime dependency, and no time, drawn number or name of a folder', () => {
    const sbom = JSON.parse(sbomOf(root)) as Sbom;
    const { dependencies, devDependencies, version } = json<
      Record<'dependencies' | 'devDependencies', Record<string, string>> & { version: string }
    >(path.join(root, 'package.json'));
    const listed = new Set(sbom.components.map((one) => `${one.name}@${one.version}`));
    for (const [name, exact] of Object.entries(dependencies)) expect(listed).toContain(`${name}@${exact}`);
    for (const [name, exact] of Object.entries(devDependencies)) expect(listed).not.toContain(`${name}@${exact}`);
    expect(sbom.metadata.component).toMatchObject({ name: 'prekey-vault', version });
    expect(sbom).not.toHaveProperty('serialNumber');
    expect(sbom.metadata).not.toHaveProperty('timestamp');
  });

  it('has what runtime dependencies need, also where development needs it too, and no peer that is for development', () => {
    const component = (name: string) => ({ 'bom-ref': `${name}@1`, name, version: '1' });
    const { components, dependencies } = withoutChance(
      {
        serialNumber: 'urn:uuid:1',
        metadata: {
          timestamp: 'now',
          lifecycles: [],
          tools: [{ vendor: 'npm', name: 'cli', version: '1' }],
          component: component('prekey-vault'),
        },
        components: ['one', 'shared', 'compiler', 'tool'].map(component),
        dependencies: [
          { ref: 'prekey-vault@1', dependsOn: ['one@1', 'tool@1', 'compiler@1'] },
          { ref: 'one@1', dependsOn: ['shared@1', 'compiler@1'] },
          { ref: 'tool@1', dependsOn: ['shared@1'] },
        ],
      },
      { dependencies: { one: '1' }, devDependencies: { tool: '1', compiler: '1' } },
    );
    expect(components.map(({ name }) => name)).toEqual(['one', 'shared']);
    expect(dependencies).toEqual([
      { ref: 'one@1', dependsOn: ['shared@1'] },
      { ref: 'prekey-vault@1', dependsOn: ['one@1'] },
      { ref: 'shared@1', dependsOn: [] },
    ]);
  });
});

describe('the linter of addons.mozilla.org', () => {
  const finding = (code: string, _type = 'warning') => ({ _type, code, message: 'words', file: 'a.js', line: 3 });
  it('may say the one thing that is explained, once, and nothing else', () => {
    const none = { errors: [], warnings: [], notices: [] };
    expect(unexplained({ ...none, warnings: [finding('UNSAFE_VAR_ASSIGNMENT')] })).toEqual([]);
    expect(
      unexplained({ ...none, warnings: [finding('UNSAFE_VAR_ASSIGNMENT'), finding('UNSAFE_VAR_ASSIGNMENT')] }),
    ).toHaveLength(1);
    expect(unexplained({ ...none, notices: [finding('OTHER', 'notice')] })).toEqual(['notice OTHER: words (a.js:3)']);
    expect(unexplained({ ...none, errors: [finding('UNSAFE_VAR_ASSIGNMENT', 'error')] })).toHaveLength(1);
  });
});

/** Names and sums of what `npm run package` made in a folder. */
function packageIn(folder: string, how: 'npm ci' | 'as installed'): string {
  const home = mkdtempSync(path.join(scratch, 'home-'));
  // Of the environment a bare machine has only this, and the cache of npm saves the network.
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    npm_config_cache: process.env['npm_config_cache'] ?? path.join(home, '.npm'),
  };
  if (how === 'npm ci')
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder, env, stdio: 'inherit' });
  execFileSync('npm', ['run', 'package', '--', '--no-lint'], { cwd: folder, env, stdio: 'inherit' });
  return readFileSync(path.join(folder, 'dist/release/SHA256SUMS'), 'utf8');
}

describe.runIf(isWhole('package'))('the whole release', () => {
  it('is the same bytes from two folders, and from its own source zip after npm ci in an empty folder', () => {
    const sums = [];
    for (const name of ['first', 'second-with-a-longer-name']) {
      const folder = path.join(scratch, name);
      for (const [file, bytes] of sourceFiles(root)) {
        mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
        writeFileSync(path.join(folder, file), bytes);
      }
      cpSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), {
        recursive: true,
        verbatimSymlinks: true,
      });
      sums.push(packageIn(folder, 'as installed'));
    }
    const { name, version } = json<{ name: string; version: string }>(path.join(root, 'package.json'));
    const unpacked = path.join(scratch, 'from-source-zip');
    const zip = readFileSync(path.join(scratch, 'first/dist/release', `${name}-${version}-source.zip`));
    for (const [file, bytes] of Object.entries(unzipSync(zip))) {
      mkdirSync(path.dirname(path.join(unpacked, file)), { recursive: true });
      writeFileSync(path.join(unpacked, file), bytes);
    }
    sums.push(packageIn(unpacked, 'npm ci'));
    expect(sums[0]!.trim().split('\n')).toHaveLength(5);
    expect(sums[1]).toBe(sums[0]);
    expect(sums[2]).toBe(sums[0]);
  });
});
