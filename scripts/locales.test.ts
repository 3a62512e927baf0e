// The languages of our pages: each says all that English says, in the plural forms of its own, with the same places, and in one word for one thing.
// Promises: a message that is missing, left over, untranslated or in another order than English fails here.
//
// One word for one thing:
//
// | English       | de                      | es                     | zh_CN    | ar              |
// |---------------|-------------------------|------------------------|----------|-----------------|
// | vault         | Tresor                  | bóveda                 | 保险库   | خزنة            |
// | identity      | Identität               | identidad              | 身份     | هوية            |
// | key           | Schlüssel               | clave                  | 密钥     | مفتاح           |
// | site          | Website                 | sitio                  | 网站     | موقع            |
// | lock, unlock  | sperren, entsperren     | bloquear, desbloquear  | 锁定, 解锁 | قفل, إلغاء القفل |
// | block, mute   | blockieren, stumm       | vetar, silenciar       | 屏蔽, 静音 | حظر, كتم        |
// | wallet        | Wallet                  | monedero               | 钱包     | محفظة           |
// | recovery code | Wiederherstellungscode  | código de recuperación | 恢复码   | رمز الاسترداد   |
// | passphrase    | Passphrase              | frase de contraseña    | 密码短语 | عبارة مرور      |
// | own phrase    | Erkennungssatz          | frase personal         | 专属短语 | عبارتك الخاصة   |
// | ways to open  | Zugänge                 | accesos                | 打开方式 | طرق الفتح       |
// | backup (file) | Sicherung(sdatei)       | (archivo de) respaldo  | 备份(文件) | (ملف) نسخ احتياطي |
// | copy          | Kopie                   | copia                  | 副本     | نسخة            |
// | inbox         | Inbox                   | buzón                  | 收件箱   | صندوق           |
// | archive       | Archiv                  | archivo                | 存档     | أرشيف           |
// | node          | Knoten                  | nodo                   | 节点     | عقدة            |
// | pass          | Pass                    | pase                   | 通行证   | تصريح           |
// | seal          | versiegeln              | sellar                 | 封存     | ختم             |
// | approve, reject | genehmigen, ablehnen  | aprobar, rechazar      | 批准, 拒绝 | موافقة, رفض     |
//
// Prekey, XMTP, age, MetaMask and the texts that wallets sign stay as they are. The person is Sie, usted, 您, and أنت in the plain singular.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { languages } from '../src/contract/choices';

interface Message {
  message: string;
  description?: string;
}
type Messages = Record<string, Message>;

const folder = path.resolve(import.meta.dirname, '../public/_locales');
const fileOf = (locale: string) => readFileSync(path.join(folder, locale, 'messages.json'), 'utf8');
const messagesOf = (locale: string) => JSON.parse(fileOf(locale)) as Messages;
const english = messagesOf('en');
const others = readdirSync(folder).filter((locale) => locale !== 'en');

const formNames = { zero: 'Zero', one: 'One', two: 'Two', few: 'Few', many: 'Many', other: 'Other' } as const;
/** In the order in which a file has them. */
const categories = Object.keys(formNames) as (keyof typeof formNames)[];

/** What a message with plural forms is called before the form; undefined for one without. */
function stemOf(key: string): string | undefined {
  const stem = /^(\w+)(?:One|Other)$/.exec(key)?.[1];
  return stem !== undefined && [`${stem}One`, `${stem}Other`].every((one) => Object.hasOwn(english, one))
    ? stem
    : undefined;
}

/** All keys of a language in the order of English: what has plural forms has exactly those of the language. */
function keysOf(locale: string): string[] {
  const { pluralCategories } = new Intl.PluralRules(locale.replace('_', '-')).resolvedOptions();
  const forms = categories.filter((category) => pluralCategories.includes(category)).map((one) => formNames[one]);
  return Object.keys(english).flatMap((key) => {
    const stem = stemOf(key);
    if (stem === undefined) return [key];
    return key === `${stem}One` ? forms.map((form) => stem + form) : [];
  });
}

const placesIn = (message: string) => [...new Set(message.match(/\$\d/g))].sort();

/** Every way in which a language does not say what English says. */
function defectsOf(locale: string, messages: Messages): string[] {
  const wanted = keysOf(locale);
  const given = Object.keys(messages);
  const missing = wanted.filter((key) => !Object.hasOwn(messages, key)).map((key) => `${key} is missing`);
  const surplus = given.filter((key) => !wanted.includes(key)).map((key) => `${key} is left over`);
  const places = given.flatMap((key) => {
    const [, stem, form] = /^(\w+?)(Zero|One|Two|Few|Many|Other)$/.exec(key) ?? [];
    const counted = stem !== undefined && stemOf(`${stem}Other`) === stem ? stem : undefined;
    const all = placesIn(english[counted === undefined ? key : `${counted}Other`]?.message ?? '');
    const mine = placesIn(messages[key]?.message ?? '');
    // "No", "one" and "two" may be words.
    const mayOmit = counted !== undefined && ['Zero', 'One', 'Two'].includes(form ?? '');
    const isRight = mayOmit ? mine.every((place) => all.includes(place)) : mine.join() === all.join();
    return isRight ? [] : [`${key} has ${mine.join(' ')} where English has ${all.join(' ')}`];
  });
  const isInOrder = missing.length > 0 || surplus.length > 0 || given.join() === wanted.join();
  return [...missing, ...surplus, ...places, ...(isInOrder ? [] : ['the order is not that of English'])];
}

describe('the check', () => {
  test('sees what is missing, left over, out of place or out of order', () => {
    const whole = messagesOf('ar');
    const { cancel: _cancel, ...without } = whole;
    const { messagesFew: _few, ...withoutFew } = whole;
    expect(defectsOf('ar', without)).toEqual(['cancel is missing']);
    expect(defectsOf('ar', withoutFew)).toEqual(['messagesFew is missing']);
    expect(defectsOf('ar', { ...whole, more: { message: 'x' } })).toEqual(['more is left over']);
    expect(defectsOf('zh_CN', { ...messagesOf('zh_CN'), messagesOne: { message: '一' } })).toEqual([
      'messagesOne is left over',
    ]);
    expect(defectsOf('ar', { ...whole, messagesMany: { message: 'x' } })).toEqual([
      'messagesMany has  where English has $1',
    ]);
    expect(defectsOf('ar', { ...whole, wantsRead: { message: '$1 $2' } })).toEqual([
      'wantsRead has $1 $2 where English has $1',
    ]);
    expect(defectsOf('ar', { ...without, cancel: whole['cancel']! })).toEqual(['the order is not that of English']);
  });

  test('every language has a folder, and every folder is a language that can be chosen', () => {
    expect(['en', ...others].sort()).toEqual(languages.filter((one) => one !== 'system').sort());
  });
});

describe.each(others)('%s', (locale) => {
  const messages = messagesOf(locale);

  test('says all that English says, in its own plural forms, with the same places', () => {
    expect(defectsOf(locale, messages)).toEqual([]);
  });

  test('is written as the English file is, and leaves descriptions to it', () => {
    const lines = Object.entries(messages).map(
      ([key, { message }]) => `  ${JSON.stringify(key)}: {"message": ${JSON.stringify(message)}}`,
    );
    expect(fileOf(locale)).toBe(`{\n${lines.join(',\n')}\n}\n`);
  });

  test('nothing is empty, and nothing is left in English', () => {
    // Names, marks between words, and words that both languages have.
    const alike = new Set(
      `textDirection extName actionTitle titlePopup titleVault details answerHoldsFor grantUseIn inboxCalled inboxApp inboxApps wallet stepWallet
      accountName kitBrowser passphraseLabel slotPassphrase slotPasskey passkeyName decisionVault themeSystem colourGold versionLine inboxAppsOne inboxAppsOther listedPrekeysOne listedPrekeysOther minutes`.split(
        /\s+/,
      ),
    );
    const same = Object.entries(messages).filter(
      ([key, { message }]) =>
        message.trim() === '' || (message === english[key]?.message && /[a-z]{2}/i.test(message) && !alike.has(key)),
    );
    expect(same.map(([key]) => key)).toEqual([]);
  });

  test('what a store and a browser show of the package is short enough', () => {
    expect(messages['extName']?.message.length).toBeLessThanOrEqual(45);
    expect(messages['extDescription']?.message.length).toBeLessThanOrEqual(132);
  });
});

describe('one word for one thing', () => {
  const synonyms: Record<string, RegExp> = {
    de: /\b(?:safe|geldbörse|brieftasche|webseite|backup|postfach|posteingang|du|dein\w*|dir|dich)\b/i,
    es: /\b(?:caja fuerte|cartera|billetera|llavero|tú|tu|tus|bandeja|copia de seguridad)\b/i,
    zh_CN: /保险箱|保管库|錢包|你|網|站点|助记词/,
    ar: /الخزينة|حقيبة|الموقع الإلكتروني|كلمة السر/,
  };
  test.each(Object.entries(synonyms))('%s', (locale, other) => {
    const said = Object.entries(messagesOf(locale)).filter(([, { message }]) => other.test(message));
    expect(said.map(([key]) => key)).toEqual([]);
  });

  const terms: Record<string, [english: RegExp, other: RegExp][]> = {
    de: [
      [/\brecovery code\b/i, /wiederherstellungscode/i],
      [/\bwallet\b/i, /wallet/i],
      [/\bpassphrase\b/i, /passphrase/i],
    ],
    es: [
      [/\brecovery code\b/i, /código de recuperación/i],
      [/\bpassphrase\b/i, /frase de contraseña/i],
    ],
    zh_CN: [
      [/\brecovery code\b/i, /恢复码/],
      [/\bwallet\b/i, /钱包/],
      [/\bpassphrase\b/i, /密码短语/],
    ],
    ar: [
      [/\brecovery code\b/i, /رمز الاسترداد|رمز استرداد/],
      [/\bpassphrase\b/i, /عبار(?:ة|ت\S*) (?:ال)?مرور|عبارة/],
    ],
  };
  test.each(Object.entries(terms))('%s says it wherever English does', (locale, pairs) => {
    const messages = messagesOf(locale);
    const without = Object.entries(english).flatMap(([key, { message }]) =>
      pairs.some(([word, other]) => word.test(message) && messages[key] && !other.test(messages[key].message))
        ? [key]
        : [],
    );
    expect(without).toEqual([]);
  });
});
