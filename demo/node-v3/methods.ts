// The methods of the node by their paths: what each reads, does and answers.
// Promises: every method that a client of today calls; what is refused is an RpcError. Must not: know HTTP.
import { RpcError } from '../node/rpc-error';
import type { InboxLogs } from './inbox-logs';
import type { Codec } from './messages';
import { bigintOf, decoded, encoded, identityMessages as identity, long, mlsMessages as mls } from './messages';
import type { Lists, MlsStore } from './mls-store';
import { nameOf } from './mls-store';
import type { Listener, Subscriptions } from './subscriptions';

/** A call that is answered at once, or one that is answered for as long as the client listens. */
export type Method =
  | { readonly kind: 'unary'; call(request: Uint8Array): Uint8Array }
  /** Returns what ends the subscription. */
  | { readonly kind: 'stream'; open(request: Uint8Array, listener: Listener): () => void };

export interface MethodParts {
  readonly inboxes: InboxLogs;
  readonly store: MlsStore;
  readonly subscriptions: Subscriptions;
}

/** Lists of groups and of welcomes share the subscriptions. */
export const listNames = { group: (id: string) => `group ${id}`, welcome: (key: string) => `welcome ${key}` };

const nothing: Codec<object> = { decode: () => ({}), encode: () => ({ finish: () => new Uint8Array() }) };

/** Every method by its path. */
export function createMethods(parts: MethodParts): ReadonlyMap<string, Method> {
  const named = (service: string, methods: Readonly<Record<string, Method>>) =>
    Object.entries(methods).map(([name, method]) => [`/${service}/${name}`, method] as const);
  return new Map([
    ...named('xmtp.identity.api.v1.IdentityApi', identityMethods(parts)),
    ...named('xmtp.mls.api.v1.MlsApi', { ...writingMethods(parts), ...readingMethods(parts), ...streams(parts) }),
  ]);
}

function unary<Request, Response>(
  input: Codec<Request>,
  output: Codec<Response>,
  handle: (request: Request) => Response,
): Method {
  return { kind: 'unary', call: (request) => encoded(output, handle(decoded(input, request))) };
}

function identityMethods({ inboxes }: MethodParts): Record<string, Method> {
  return {
    GetInboxIds: unary(identity.GetInboxIdsRequest, identity.GetInboxIdsResponse, ({ requests }) => ({
      responses: requests.map(({ identifier, identifierKind }) => ({
        identifier,
        identifierKind,
        inboxId: inboxes.inboxOf(identifier),
      })),
    })),
    GetIdentityUpdates: unary(
      identity.GetIdentityUpdatesRequest,
      identity.GetIdentityUpdatesResponse,
      ({ requests }) => ({
        responses: requests.map(({ inboxId, sequenceId }) => ({
          inboxId,
          updates: inboxes.updatesOf(inboxId, bigintOf(sequenceId)).map((logged) => ({
            sequenceId: long(logged.sequenceId),
            serverTimestampNs: long(logged.serverTimestampNs),
            update: logged.update,
          })),
        })),
      }),
    ),
    PublishIdentityUpdate: unary(
      identity.PublishIdentityUpdateRequest,
      identity.PublishIdentityUpdateResponse,
      ({ identityUpdate }) => {
        if (!identityUpdate) throw new RpcError('InvalidArgument', 'IdentityUpdate is required');
        inboxes.publish(identityUpdate);
        return {};
      },
    ),
  };
}

function writingMethods({ store, subscriptions }: MethodParts): Record<string, Method> {
  return {
    UploadKeyPackage: unary(mls.UploadKeyPackageRequest, nothing, ({ keyPackage }) => {
      if (!keyPackage) throw new RpcError('InvalidArgument', 'no key package');
      store.keepKeyPackage(keyPackage.keyPackageTlsSerialized);
      return {};
    }),
    SendGroupMessages: unary(mls.SendGroupMessagesRequest, nothing, ({ messages }) => {
      if (messages.length === 0) throw new RpcError('InvalidArgument', 'no group messages to send');
      for (const message of messages) {
        const added = store.addGroupMessage(message);
        if (added) subscriptions.deliver(listNames.group(added.list), encoded(mls.GroupMessage, added.row.content));
      }
      return {};
    }),
    SendWelcomeMessages: unary(mls.SendWelcomeMessagesRequest, nothing, ({ messages }) => {
      if (messages.length === 0) throw new RpcError('InvalidArgument', 'no welcome messages to send');
      for (const message of messages) {
        const added = store.addWelcome(message);
        if (added) subscriptions.deliver(listNames.welcome(added.list), encoded(mls.WelcomeMessage, added.row.content));
      }
      return {};
    }),
    BatchPublishCommitLog: unary(mls.BatchPublishCommitLogRequest, nothing, ({ requests }) => {
      for (const request of requests) store.addCommitLogEntry(request);
      return {};
    }),
  };
}

function readingMethods({ store }: MethodParts): Record<string, Method> {
  const required = (bytes: Uint8Array, what: string): string => {
    if (bytes.length === 0) throw new RpcError('InvalidArgument', `${what} is required`);
    return nameOf(bytes);
  };
  return {
    FetchKeyPackages: unary(mls.FetchKeyPackagesRequest, mls.FetchKeyPackagesResponse, ({ installationKeys }) => ({
      // One for each that was asked for, in that order; empty where there is none.
      keyPackages: installationKeys.map((key) => ({
        keyPackageTlsSerialized: store.keyPackageOf(key) ?? new Uint8Array(),
      })),
    })),
    QueryGroupMessages: unary(
      mls.QueryGroupMessagesRequest,
      mls.QueryGroupMessagesResponse,
      ({ groupId, pagingInfo }) => {
        const page = store.groups.page(required(groupId, 'group'), pagingInfo);
        return { messages: page.rows.map(({ content }) => content), pagingInfo: page.pagingInfo };
      },
    ),
    QueryWelcomeMessages: unary(
      mls.QueryWelcomeMessagesRequest,
      mls.QueryWelcomeMessagesResponse,
      ({ installationKey, pagingInfo }) => {
        const page = store.welcomes.page(required(installationKey, 'installation'), pagingInfo);
        return { messages: page.rows.map(({ content }) => content), pagingInfo: page.pagingInfo };
      },
    ),
    BatchQueryCommitLog: unary(mls.BatchQueryCommitLogRequest, mls.BatchQueryCommitLogResponse, ({ requests }) => ({
      responses: requests.map(({ groupId, pagingInfo }) => {
        // A commit log is read from its beginning, whatever is asked.
        const direction = mls.SortDirection.SORT_DIRECTION_ASCENDING;
        const asked = { limit: pagingInfo?.limit ?? 0, idCursor: pagingInfo?.idCursor ?? long(0n), direction };
        const page = store.commitLogs.page(required(groupId, 'group'), asked);
        const commitLogEntries = page.rows.map(({ id, content: { serializedCommitLogEntry, signature } }) => ({
          sequenceId: long(id),
          serializedCommitLogEntry,
          signature,
        }));
        return { groupId, commitLogEntries, pagingInfo: page.pagingInfo };
      }),
    })),
    GetNewestGroupMessage: unary(
      mls.GetNewestGroupMessageRequest,
      mls.GetNewestGroupMessageResponse,
      ({ groupIds, includeContent }) => ({
        responses: groupIds.map((groupId) => {
          const groupMessage = store.groups.newest(nameOf(groupId));
          if (includeContent || !groupMessage?.v1) return { groupMessage };
          return { groupMessage: { v1: { ...groupMessage.v1, data: new Uint8Array() } } };
        }),
      }),
    ),
  };
}

function streams({ store, subscriptions }: MethodParts): Record<string, Method> {
  /** Sends what is there already, and listens from then on: nothing can come between. */
  const open = <Content>(
    listener: Listener,
    filters: readonly { list: string; cursor: bigint }[],
    lists: Lists<Content>,
    codec: Codec<Content>,
    listName: (list: string) => string,
  ): (() => void) => {
    for (const { list, cursor } of filters)
      for (const { content } of lists.after(list, cursor)) listener.send(encoded(codec, content));
    return subscriptions.add(
      listener,
      filters.map(({ list }) => listName(list)),
    );
  };
  return {
    SubscribeGroupMessages: {
      kind: 'stream',
      open(request, listener) {
        const { filters } = decoded(mls.SubscribeGroupMessagesRequest, request);
        const wanted = filters.map(({ groupId, idCursor }) => ({ list: nameOf(groupId), cursor: bigintOf(idCursor) }));
        return open(listener, wanted, store.groups, mls.GroupMessage, listNames.group);
      },
    },
    SubscribeWelcomeMessages: {
      kind: 'stream',
      open(request, listener) {
        const { filters } = decoded(mls.SubscribeWelcomeMessagesRequest, request);
        const wanted = filters.map(({ installationKey, idCursor }) => ({
          list: nameOf(installationKey),
          cursor: bigintOf(idCursor),
        }));
        return open(listener, wanted, store.welcomes, mls.WelcomeMessage, listNames.welcome);
      },
    },
  };
}
