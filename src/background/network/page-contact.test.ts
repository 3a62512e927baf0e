// The contact that a page publishes: never over another identity's, never an older prekey, and what stands there besides is told.
import { describe, expect, test } from 'vitest';
import { onCalls } from '../../../demo/node/faults';
import { envelope, publish } from '../../../demo/node/node.testkit';
import { errorCode } from '../../contract/errors';
import type { PublishEnvelope } from '../../protocol/keystore/publish';
import { ownTopics } from '../../vault/publication/contacts';
import { testStartMs } from '../../vault/testkit/memory-host.testkit';
import { message, params, setup, topic, type Setup } from '../testkit/dapp-publisher.testkit';
import { flowBrowser, freshWallet, publishAll } from '../testkit/flows.testkit';

describe('the contact that a page publishes', () => {
  async function contactOf({ browser }: Setup, aheadMs = 0): Promise<PublishEnvelope> {
    const { v2 } = await browser.vault.publication.contactMessages(browser.safeId);
    return {
      contentTopic: ownTopics(browser.wallet.account).contact,
      timestampNs: BigInt(browser.clock.nowMs + aheadMs) * 1_000_000n,
      message: v2,
    };
  }

  test('R-I4 is not put over that of another identity; the person is told, and may do it', async () => {
    const wallet = freshWallet();
    const page = await setup(true, { wallet });
    const { net, browser, send } = page;
    const other = await flowBrowser(net, wallet);
    await publishAll(other);
    const { contact } = ownTopics(wallet.account);
    const before = net.envelopeCount();
    expect((await send('xmtp_publish', params(message(topic), await contactOf(page, 60_000)))).error).toEqual({
      code: errorCode.internal,
      message: expect.any(String),
    });
    expect(net.envelopeCount()).toBe(before);
    expect(await other.vault.publication.classifyContact(other.safeId, net.stored(contact).at(-1)!.message)).toBe(
      'current',
    );
    const { handlers } = browser.flows;
    expect(await handlers.network_state({ safeId: browser.safeId })).toMatchObject({
      notice: 'other-identity-published',
      contactPublishedAtMs: null,
    });
    await handlers.network_publishContact({ safeId: browser.safeId, typed: wallet.account });
    expect((await send('xmtp_publish', params(await contactOf(page, 60_000)))).result).toBeDefined();
  });

  /** Puts a row on the contact topic, dated ahead or at the end of time, and publishes the page's contact below it. */
  async function besides(
    row: (v2: Uint8Array) => Uint8Array,
    timestampNs = BigInt(testStartMs + 86_400_000) * 1_000_000n,
  ): Promise<() => Promise<unknown>> {
    const page = await setup(true, { auth: false });
    const {
      net,
      browser: { wallet, vault, safeId, flows },
    } = page;
    const { v2 } = await vault.publication.contactMessages(safeId);
    const { account } = wallet;
    await publish(net, envelope(ownTopics(account).contact, timestampNs, row(v2)));
    const noticeOf = async () => ((await flows.handlers.network_state({ safeId })) as { notice: string | null }).notice;
    const contact = await contactOf(page);
    return async () => {
      expect((await page.send('xmtp_publish', params(message(topic), contact))).result).toBeDefined();
      const notice = await noticeOf();
      await flows.handlers.network_dismissNotice({ safeId });
      return notice;
    };
  }

  test.each([
    ['garbage dated ahead', 'foreign-rows', () => Uint8Array.of(1, 2, 3), undefined],
    ['garbage at the end of time', 'not-newest', () => Uint8Array.of(1, 2, 3), 2n ** 63n - 1n],
    ['the own contact dated ahead', 'dated-ahead', (v2: Uint8Array) => v2, undefined],
  ] as const)('R-I3 below %s: the person is told at once, and once', async (_what, notice, row, timestampNs) => {
    const publishes = await besides(row, timestampNs);
    expect(await publishes()).toBe(notice);
    expect(await publishes()).toBeNull();
  });

  test('R-I3 above what nobody can use and below nothing: told, for it stood above ours', async () => {
    const publishes = await besides(() => Uint8Array.of(1, 2, 3), BigInt(testStartMs - 1000) * 1_000_000n);
    expect(await publishes()).toBe('foreign-rows');
  });

  test('R-I3 beside the own contact of a moment before nothing is told', async () => {
    const publishes = await besides((v2) => v2, BigInt(testStartMs + 1000) * 1_000_000n);
    expect([await publishes(), await publishes()]).toEqual([null, null]);
  });

  test('R-I3 what cannot be told does not take back what was published', async () => {
    const page = await setup(true, { auth: false });
    const {
      net,
      browser: { wallet, host },
    } = page;
    await publish(
      net,
      envelope(ownTopics(wallet.account).contact, BigInt(testStartMs + 86_400_000) * 1_000_000n, Uint8Array.of(1)),
    );
    const { set } = host.session;
    host.session.set = (items) => ('publish-told' in items ? Promise.reject(new Error('full')) : set(items));
    expect((await page.send('xmtp_publish', params(await contactOf(page)))).result).toBeDefined();
    expect(net.stored(ownTopics(wallet.account).contact)).toHaveLength(2);
  });

  test('R-I3 below an older prekey that another app dated later: told at once', async () => {
    const page = await setup(true, { auth: false });
    const {
      net,
      browser: { wallet, vault, safeId, flows, clock },
    } = page;
    const { v2: older } = await vault.publication.contactMessages(safeId);
    await publishAll(page.browser);
    clock.nowMs += 1000;
    await flows.handlers.rotation_run({ safeId });
    await publish(
      net,
      envelope(ownTopics(wallet.account).contact, BigInt(clock.nowMs + 3_600_000) * 1_000_000n, older),
    );
    expect((await page.send('xmtp_publish', params(await contactOf(page)))).result).toBeDefined();
    expect(await flows.handlers.network_state({ safeId })).toMatchObject({ notice: 'older-prekey-republished' });
  });

  test('with the prekey before a rotation never becomes the newest after it, however slow the node is', async () => {
    const page = await setup();
    const { net, browser, send } = page;
    const { safeId, flows, wallet } = browser;
    await publishAll(browser);
    browser.clock.nowMs += 1000;
    let rotation: Promise<unknown> | undefined;
    net.faults.push(
      onCalls(['publish'], async (request) => {
        if (rotation) return undefined;
        // The page's own call stands still here; a rotation that does not wait for it would be done by then.
        rotation = flows.handlers.rotation_run({ safeId });
        await Promise.race([rotation, new Promise((resolve) => setTimeout(resolve, 1000))]);
        return request.honest();
      }),
    );
    expect((await send('xmtp_publish', params(await contactOf(page, 500_000)))).result).toBeDefined();
    await rotation;
    const newest = net.stored(ownTopics(wallet.account).contact).at(-1)!.message;
    expect(await browser.vault.publication.classifyContact(safeId, newest)).toBe('current');
  });
});
