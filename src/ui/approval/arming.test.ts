// The arming machine (R-C2): each rule at its edge in milliseconds, and one law over random events.
// Promises: time is given by the test; nothing waits.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arm, armsAtMs, changedWaitMs, firstWaitMs, isArmed, notArmed, type Arming, type ArmingEvent } from './arming';

type Timed = [atMs: number, event: ArmingEvent];

/** Runs events in order; gives the times of approvals. */
function approvals(events: readonly Timed[], from: Arming = notArmed): number[] {
  let state = from;
  const times: number[] = [];
  for (const [atMs, event] of events) {
    const next = arm(state, event, atMs);
    state = next.state;
    if (next.approves) times.push(atMs);
  }
  return times;
}

const opened: Timed[] = [
  [0, { type: 'visible' }],
  [10, { type: 'focus' }],
  [40, { type: 'painted' }],
  [40, { type: 'seen' }],
];
const down = (isTrusted = true): ArmingEvent => ({ type: 'pointer-down', pointerId: 1, isTrusted });
const up = (isTrusted = true): ArmingEvent => ({ type: 'pointer-up', pointerId: 1, isTrusted });
const keyDown = (key = 'Enter', repeat = false): ArmingEvent => ({ type: 'key-down', key, repeat, isTrusted: true });
const keyUp = (key = 'Enter'): ArmingEvent => ({ type: 'key-up', key, isTrusted: true });

describe('arming', () => {
  test('R-C2 a press 500 ms after focus and paint approves, one millisecond earlier does not', () => {
    expect(approvals([...opened, [539, down()], [600, up()]])).toEqual([]);
    expect(approvals([...opened, [540, down()], [600, up()]])).toEqual([600]);
  });

  test('R-C2 nothing is armed while focus, visibility, paint or sight of its end is missing', () => {
    for (const missing of ['visible', 'focus', 'painted', 'seen']) {
      const without = opened.filter(([, event]) => event.type !== missing);
      expect(approvals([...without, [9000, down()], [9100, up()]])).toEqual([]);
    }
  });

  test('R-C2 a resize, move, refocus, hiding or change of the request costs 1000 ms', () => {
    const disturbances: ArmingEvent[][] = [
      [{ type: 'disturbed' }],
      [{ type: 'blur' }, { type: 'focus' }],
      [{ type: 'hidden' }, { type: 'visible' }],
      [{ type: 'changed' }, { type: 'painted' }, { type: 'seen' }],
    ];
    for (const events of disturbances) {
      const before = [...opened, ...events.map((event): Timed => [5000, event])];
      expect(approvals([...before, [5999, down()], [6500, up()]])).toEqual([]);
      expect(approvals([...before, [6000, down()], [6500, up()]])).toEqual([6500]);
    }
  });

  test('R-C2 reaching the end of a card counts once, 500 ms before a press and not during one; a card that changed starts anew', () => {
    const unread = opened.filter(([, { type }]) => type !== 'seen');
    const read: Timed[] = [...unread, [5000, { type: 'seen' }], [5400, { type: 'seen' }]];
    expect(approvals([...read, [5499, down()], [5600, up()]])).toEqual([]);
    expect(approvals([...read, [5500, down()], [5600, up()]])).toEqual([5600]);
    expect(approvals([...unread, [4900, down()], [5000, { type: 'seen' }], [9000, up()]])).toEqual([]);
    const changed: Timed[] = [...read, [6000, { type: 'changed' }], [6010, { type: 'painted' }]];
    expect(approvals([...changed, [9000, down()], [9100, up()]])).toEqual([]);
    expect(approvals([...changed, [8000, { type: 'seen' }], [9000, down()], [9100, up()]])).toEqual([9100]);
  });

  test('R-C2 the second half of a double click, begun before arming, is nothing', () => {
    expect(approvals([...opened, [500, down()], [560, up()]])).toEqual([]);
  });

  test('R-C2 a disturbance between down and up undoes the press', () => {
    expect(approvals([...opened, [900, down()], [950, { type: 'disturbed' }], [2500, up()]])).toEqual([]);
    expect(approvals([...opened, [900, down()], [950, { type: 'pointer-cancel' }], [2500, up()]])).toEqual([]);
  });

  test('R-C2 synthetic events never approve', () => {
    expect(approvals([...opened, [900, down(false)], [950, up()]])).toEqual([]);
    expect(approvals([...opened, [900, down()], [950, up(false)]])).toEqual([]);
    expect(approvals([...opened, [900, { type: 'plain-click', isTrusted: false }]])).toEqual([]);
  });

  test('R-C2 a key held from before, or repeating, never approves', () => {
    expect(approvals([...opened, [100, keyDown()], [900, keyDown('Enter', true)], [950, keyUp()]])).toEqual([]);
    expect(approvals([...opened, [900, keyDown('Enter', true)], [950, keyUp()]])).toEqual([]);
    expect(approvals([...opened, [900, keyDown()], [950, keyUp()]])).toEqual([950]);
    expect(approvals([...opened, [900, keyDown('a')], [950, keyUp('a')]])).toEqual([]);
    expect(approvals([...opened, [900, keyDown(' ')], [950, keyUp('Enter')]])).toEqual([]);
  });

  test('a click of assistive technology approves once armed', () => {
    expect(approvals([...opened, [539, { type: 'plain-click', isTrusted: true }]])).toEqual([]);
    expect(approvals([...opened, [540, { type: 'plain-click', isTrusted: true }]])).toEqual([540]);
  });

  test('R-C2 law: every approval follows a press that began armed, 500 ms after focus, sight and paint and 1000 ms after any change', () => {
    const event = fc.oneof(
      fc.constantFrom<ArmingEvent>(
        { type: 'focus' },
        { type: 'blur' },
        { type: 'visible' },
        { type: 'hidden' },
        { type: 'painted' },
        { type: 'changed' },
        { type: 'disturbed' },
        { type: 'pointer-cancel' },
      ),
      fc
        .boolean()
        .chain((isTrusted) =>
          fc.constantFrom<ArmingEvent>(down(isTrusted), up(isTrusted), { type: 'plain-click', isTrusted }),
        ),
      fc.boolean().map((repeat) => keyDown('Enter', repeat)),
      fc.constant(keyUp()),
    );
    // No two at the same moment: what comes after an approval must not count as what came before it.
    const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 700 }), event), { maxLength: 60 });
    let approved = 0;
    fc.assert(
      fc.property(steps, (gaps) => {
        let atMs = 0;
        const timed = [...opened, ...gaps.map(([gap, next]): Timed => [(atMs += gap), next])];
        for (const time of approvals(timed)) {
          approved += 1;
          const last = (types: string[]) =>
            Math.max(-Infinity, ...timed.filter(([at, e]) => at <= time && types.includes(e.type)).map(([at]) => at));
          expect(time - last(['changed', 'disturbed', 'hidden'])).toBeGreaterThanOrEqual(changedWaitMs);
          expect(time - last(['painted', 'blur'])).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 3000 },
    );
    expect(approved).toBeGreaterThan(0);
  });

  test('armsAtMs is undefined until all three facts are there', () => {
    expect(armsAtMs(notArmed)).toBeUndefined();
    expect(isArmed(notArmed, 1e9)).toBe(false);
    expect(firstWaitMs).toBe(500);
  });
});
