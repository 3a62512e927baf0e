// Origins for the eye: a table of shapes and look-alikes.
// Promises: honest international names are noted, not accused.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { originModel } from './origin-model';

describe('origin display', () => {
  test.each([
    ['https://app.example', '', 'app.example', ''],
    ['https://chat.app.example', 'chat.', 'app.example', ''],
    ['https://example.co.uk', '', 'example.co.uk', ''],
    ['https://a.b.example.co.uk:8443', 'a.b.', 'example.co.uk', ':8443'],
    ['https://mallory.github.io', '', 'mallory.github.io', ''],
    ['https://x.mallory.github.io', 'x.', 'mallory.github.io', ''],
    ['http://localhost:5173', '', 'localhost', ':5173'],
    ['http://127.0.0.1:8080', '', '127.0.0.1', ':8080'],
    ['https://[2001:db8::1]:444', '', '[2001:db8::1]', ':444'],
  ])('R-C6 %s emphasises its owner', (origin, before, owner, port) => {
    expect(originModel(origin)).toMatchObject({ before, owner, port });
  });

  test('R-C6 law: whatever stands before it, the owner part is never shortened', () => {
    const label = fc.stringMatching(/^[a-z0-9]{1,20}$/);
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 12 }), (labels) => {
        const model = originModel(`https://${labels.join('.')}.app.example`);
        expect(model.owner).toBe('app.example');
        expect(model.before.length).toBeLessThanOrEqual(49);
      }),
    );
  });

  test.each([
    ['https://xn--pple-43d.com', 'imitation'],
    ['https://xn--pple-43d.com', 'mixed-scripts'],
    ['https://xn--80ak6aa92e.com', 'imitation'],
    ['https://xn--bcher-kva.example', 'international'],
    ['http://localhost:3000', 'local'],
    ['https://192.0.2.7', 'numeric'],
  ])('R-C6 %s is noted as %s', (origin, note) => {
    expect(originModel(origin).notes).toContain(note);
  });

  test('R-C6 an honest international name is noted, not accused', () => {
    expect(originModel('https://xn--bcher-kva.example').notes).toEqual(['international']);
    expect(originModel('https://xn--r8jz45g.xn--zckzah').notes).toEqual(['international']);
  });

  test('text that is no origin comes back whole, never half understood', () => {
    expect(originModel('https://user@evil.example').owner).toBe('https://user@evil.example');
    expect(originModel('null').owner).toBe('null');
  });
});
