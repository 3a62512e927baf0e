// The page of an archive as text: nothing a stranger wrote is ever markup, and everything comes back as it went in.
// Promises: texts are drawn from what breaks out of scripts, attributes, comments and JSON, besides any text at all.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockOf, blocksIn, pageAround, type PageParts } from './archive-page';

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        '</script>',
        '<script>alert(1)</script>',
        '<!--',
        '-->',
        ']]>',
        '<img src=x onerror=alert(1)>',
        '&lt;',
        '&#60;',
        '\\u003c/script>',
        '\\',
        '"',
        "'",
        '`',
        '\u2028',
        '\u2029',
        '\ufeff',
        '\0',
        '\ud800',
        '\u202e',
        '<script type="application/json" data-archive="end">{}</script>',
        'javascript:alert(1)',
        '\r\n',
      ),
      { maxLength: 8 },
    )
    .map((pieces) => pieces.join('')),
);

const parts: PageParts = {
  language: 'en',
  direction: 'ltr',
  title: 'Messages',
  withoutScript: 'Needs its script',
  words: {},
  style: 'body{margin:0}',
  styleHash: 'A'.repeat(43) + '=',
  script: 'void 0;',
  scriptHash: 'B'.repeat(43) + '=',
};

describe('a block', () => {
  it('R-J7 law: no text of a stranger begins a tag, a comment or a reference in the page', () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 6 }), (texts) => {
        const block = blockOf('part', { items: texts.map((text) => ({ content: { kind: 'text', text } })) });
        const inside = block.slice(block.indexOf('>') + 1, block.lastIndexOf('</script>'));
        expect(inside).not.toMatch(/[<>&\u2028\u2029]/);
      }),
      { numRuns: 500 },
    );
  });

  it('law: what goes in comes out, whatever it looks like, and nothing besides', () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 6 }), hostile, (texts, word) => {
        const { head, tail } = pageAround({ ...parts, words: { word } });
        const page = head + texts.map((text) => blockOf('part', { text })).join('') + blockOf('end', {}) + tail;
        expect(blocksIn(page)).toEqual([
          { name: 'words', value: { word } },
          ...texts.map((text) => ({ name: 'part', value: { text } })),
          { name: 'end', value: {} },
        ]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the page around', () => {
  it('has a policy that lets one script and one style be used and nothing be loaded', () => {
    const { head } = pageAround(parts);
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(head)?.[1];
    expect(policy).toBe(
      `default-src 'none'; script-src 'sha256-${parts.scriptHash}'; style-src 'sha256-${parts.styleHash}'; ` +
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    );
    expect(head.indexOf('Content-Security-Policy')).toBeLessThan(head.indexOf('<style>'));
  });

  it('law: a title of any characters stays text', () => {
    fc.assert(
      fc.property(hostile, (title) => {
        const { head } = pageAround({ ...parts, title });
        const shown = head.slice(head.indexOf('<title>') + 7, head.indexOf('</title>'));
        expect(shown).not.toMatch(/[<>"']/);
        expect(head.match(/<\/title>/g)).toHaveLength(1);
      }),
    );
  });

  it('refuses a script or a style that would end too early, and what is no language or hash', () => {
    for (const wrong of [
      { script: 'let a = "</SCRIPT>"' },
      { script: '<!-- old' },
      { style: 'a{}</style>' },
      { language: 'en" onload="' },
      { scriptHash: "x'; script-src *" },
    ])
      expect(() => pageAround({ ...parts, ...wrong })).toThrow(RangeError);
  });

  it('a page whose blocks were changed into something else is not read', () => {
    expect(blocksIn(blockOf('head', {}).replace('{}', '{'))).toBeUndefined();
    expect(blocksIn(blockOf('head', {}).replace('</script>', ''))).toBeUndefined();
    expect(blocksIn('nothing')).toEqual([]);
  });
});
