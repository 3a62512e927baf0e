// The licences of what others wrote and our packages contain: NOTICE.txt in each of them, made while they are built.
// Promises: complete, because it is made from the modules that went into the files that are there at the end; a package whose licence nobody has
// looked at, or that has no text of one, ends the build. Must not: name a package that is not in the files.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { byCodeUnits } from './zip.mjs';

/** Licences whose conditions NOTICE.txt and the source package fulfil: texts and names are told, and sources are offered (MPL). */
const known = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'MPL-2.0', 'Apache-2.0', '0BSD'];
/** Where a tool begins to tell what it has inside itself: its own words to us end there, and of the rest nothing comes into a package. */
const bundledInTool = '\n# Licenses of bundled dependencies\n';
const apache = fileURLToPath(new URL('./apache-2.0.txt', import.meta.url));

/** Code that a tool adds by itself, and whose it is. */
const helpers = [
  [/^\0?(?:vite\/|__vite-)/, 'vite'],
  [/^\0rolldown\//, 'rolldown'],
];

/** The folder of the package that a module is from; undefined for what is ours. */
export function packageFolder(id, root) {
  const helper = helpers.find(([form]) => form.test(id))?.[1];
  if (helper !== undefined) return path.join(root, 'node_modules', helper);
  const [, folder] = /^(?:\0)?(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/?]+)/.exec(id) ?? [];
  return folder;
}

/** Comments at the beginning of modules that name who has the copyright: the only text where a package has no file of its licence. */
function heads(modules) {
  const texts = modules.map((file) => /^(?:\/\/.*\n)+|^\/\*[\s\S]*?\*\//.exec(readFileSync(file, 'utf8'))?.[0] ?? '');
  return [...new Set(texts)]
    .filter((text) => /copyright/i.test(text))
    .map((text) => text.replaceAll(/^(?:\/\/ ?|\/\*+ ?| ?\*\/| ?\* ?)/gm, '').trim())
    .sort(byCodeUnits);
}

/** The licences under which we take a package: all that are joined by AND, the first that we know of those joined by OR; undefined when we cannot. */
function takenOf(license) {
  const words = String(license).match(/[\w.-]+/g) ?? [];
  const names = words.filter((word) => word !== 'AND' && word !== 'OR');
  if (!words.includes('OR')) return names.length > 0 && names.every((one) => known.includes(one)) ? names : undefined;
  const first = words.includes('AND') ? undefined : names.find((one) => known.includes(one));
  return first && [first];
}

/** @returns {{ name: string, version: string, license: string, source: string, texts: string[] }} */
export function noticeOf(folder, modules) {
  const { name, version, license, repository } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const names = takenOf(license);
  if (names === undefined)
    throw new Error(
      `${name}@${version} has the licence ${license}, which nobody has looked at (scripts/package/notices.mjs)`,
    );
  const files = readdirSync(folder)
    .filter((file) => /^(?:licen[cs]e|copying|notice|third_party)/i.test(file))
    .sort(byCodeUnits);
  const texts = files.map((file) => readFileSync(path.join(folder, file), 'utf8').trim());
  if (texts.length === 0) texts.push(...heads(modules));
  if (texts.length === 0) throw new Error(`${name}@${version} has no text of its licence`);
  if (names.includes('Apache-2.0') && !texts.some((text) => text.includes('Apache License\n')))
    texts.push(readFileSync(apache, 'utf8').trim());
  const address = typeof repository === 'string' ? repository : (repository?.url ?? '');
  return {
    name,
    version,
    license: names.join(' and '),
    source: /^(?:git\+)?(?:https|git|ssh):\/\//.test(address)
      ? address.replace(/^[^/]*\/\/(?:[^/@]*@)?/, 'https://').replace(/\.git$/, '')
      : `https://www.npmjs.com/package/${name}`,
    texts: texts.map((text) => text.replaceAll('\r\n', '\n').split(bundledInTool)[0].trim()),
  };
}

const rule = '-'.repeat(80);

/** @param {string} words ours, at the beginning @param {ReturnType<typeof noticeOf>[]} notices */
export function noticeText(words, notices) {
  const sorted = [...notices].sort((one, other) =>
    byCodeUnits(`${one.name} ${one.version}`, `${other.name} ${other.version}`),
  );
  // One text for all packages that have it to the letter.
  const shared = new Map();
  for (const { name, version, texts } of sorted) {
    const text = texts.join('\n\n');
    shared.set(text, [...(shared.get(text) ?? []), `${name} ${version}`]);
  }
  const list = sorted.map(({ name, version, license, source }) => `${name} ${version}: ${license}, ${source}`);
  const parts = [...shared].map(([text, names]) => `${rule}\n${names.join('\n')}\n${rule}\n\n${text}\n`);
  return `${words.trim()}\n\n${list.join('\n')}\n\n${parts.join('\n')}`;
}

/**
 * Two plugins of one build: `seen` notes which modules each file is made from, in every configuration that writes a file of the package;
 * `written`, the last of the main one, writes NOTICE.txt over the words that the public folder has.
 * @param {string} root
 */
export function notices(root) {
  /** The modules of each file. */
  const made = new Map();
  let outDir = '';
  const seen = {
    name: 'notices-seen',
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle))
        if (file.type === 'chunk')
          made.set(
            file.fileName,
            Object.entries(file.modules).flatMap(([id, { renderedLength }]) => (renderedLength > 0 ? [id] : [])),
          );
    },
  };
  const written = {
    name: 'notices-written',
    apply: 'build',
    configResolved: (config) => void (outDir = path.resolve(config.root, config.build.outDir)),
    closeBundle: {
      order: 'post',
      sequential: true,
      handler() {
        const modules = new Map();
        for (const [file, ids] of made) {
          // What an earlier plugin took out again, such as the worker as a module, is in no package.
          if (!existsSync(path.join(outDir, file))) continue;
          for (const id of ids) {
            const folder = packageFolder(id, root);
            if (folder !== undefined) modules.set(folder, [...(modules.get(folder) ?? []), id]);
          }
        }
        const target = path.join(outDir, 'NOTICE.txt');
        const all = [...modules].map(([folder, ids]) =>
          noticeOf(
            folder,
            ids.filter((id) => existsSync(id)),
          ),
        );
        writeFileSync(target, noticeText(readFileSync(target, 'utf8'), all));
      },
    },
  };
  return { seen, written };
}
