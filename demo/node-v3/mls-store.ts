// What the node keeps of MLS: key packages, messages of groups, welcomes and commit logs, each list in the order of its ids.
// Promises: the real node's pages (newest first unless asked, 100 at most); the same bytes are kept once. Must not: open anything.
import { createHash } from 'node:crypto';
import { RpcError } from '../node/rpc-error';
import type {
  GroupMessage,
  GroupMessageInput,
  PagingInfo,
  PublishCommitLogRequest,
  WelcomeMessage,
  WelcomeMessageInput,
} from './messages';
import { bigintOf, long } from './messages';
import { headOfGroupMessage, installationOfKeyPackage } from './mls-bytes';

const MOST_IN_A_PAGE = 100;
const [ASCENDING, DESCENDING] = [1, 2];

/** Bytes as a name. */
export const nameOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A row of a list. `content` is what a client gets. */
export interface Row<Content> {
  readonly id: bigint;
  readonly content: Content;
}

export interface Page<Content> {
  readonly rows: Content[];
  readonly pagingInfo: PagingInfo;
}

export interface MlsStore {
  keepKeyPackage(keyPackage: Uint8Array): void;
  keyPackageOf(installation: Uint8Array): Uint8Array | undefined;
  /** undefined where the same bytes were kept before. Throws INVALID_ARGUMENT. */
  addGroupMessage(input: GroupMessageInput): { list: string; row: Row<GroupMessage> } | undefined;
  addWelcome(input: WelcomeMessageInput): { list: string; row: Row<WelcomeMessage> } | undefined;
  addCommitLogEntry(request: PublishCommitLogRequest): void;
  /** Lists are named by a group's id or an installation's key (`nameOf`). */
  readonly groups: Lists<GroupMessage>;
  readonly welcomes: Lists<WelcomeMessage>;
  readonly commitLogs: Lists<PublishCommitLogRequest>;
}

export interface Lists<Content> {
  after(list: string, id: bigint): Row<Content>[];
  newest(list: string): Content | undefined;
  page(list: string, asked: PagingInfo | undefined): Page<Row<Content>>;
}

export function createMlsStore(nowNs: () => bigint): MlsStore {
  const keyPackages = new Map<string, Uint8Array>();
  const groups = createLists<GroupMessage>();
  const welcomes = createLists<WelcomeMessage>();
  const commitLogs = createLists<PublishCommitLogRequest>();
  const kept = new Set<string>();
  /** Whether these bytes are new in this list. */
  const isNew = (list: string, data: Uint8Array): boolean => {
    const digest = createHash('sha256').update(list).update(data).digest('base64');
    return kept.size !== kept.add(digest).size;
  };

  return {
    keepKeyPackage: (keyPackage) => void keyPackages.set(nameOf(installationOfKeyPackage(keyPackage)), keyPackage),
    keyPackageOf: (installation) => keyPackages.get(nameOf(installation)),
    addGroupMessage({ v1 }) {
      if (!v1) throw new RpcError('InvalidArgument', 'message must be v1');
      const { groupId, isCommit } = headOfGroupMessage(v1.data);
      const list = nameOf(groupId);
      if (!isNew(list, v1.data)) return undefined;
      const row = groups.add(list, (id) => ({ v1: { ...v1, id, createdNs: long(nowNs()), groupId, isCommit } }));
      return { list, row };
    },
    addWelcome({ v1, welcomePointer }) {
      const welcome = v1 ?? welcomePointer;
      if (!welcome || welcome.installationKey.length === 0)
        throw new RpcError('InvalidArgument', 'invalid welcome message');
      const list = nameOf(welcome.installationKey);
      if (!isNew(list, v1?.data ?? (welcomePointer?.welcomePointer as Uint8Array))) return undefined;
      const row = welcomes.add(list, (id) => {
        const head = { id, createdNs: long(nowNs()) };
        return v1
          ? { v1: { ...v1, ...head } }
          : { welcomePointer: { ...(welcomePointer as object), ...head } as never };
      });
      return { list, row };
    },
    addCommitLogEntry: (request) => void commitLogs.add(nameOf(request.groupId), () => request),
    groups,
    welcomes,
    commitLogs,
  };
}

function createLists<Content>() {
  const lists = new Map<string, Row<Content>[]>();
  let lastId = 0n;
  const rowsOf = (list: string) => lists.get(list) ?? [];
  return {
    add(list: string, contentOf: (id: PagingInfo['idCursor']) => Content): Row<Content> {
      const id = ++lastId;
      const row = { id, content: contentOf(long(id)) };
      const rows = lists.get(list);
      if (rows) rows.push(row);
      else lists.set(list, [row]);
      return row;
    },
    after: (list: string, cursor: bigint) => rowsOf(list).filter(({ id }) => id > cursor),
    newest: (list: string) => rowsOf(list).at(-1)?.content,
    page(list: string, asked: PagingInfo | undefined): Page<Row<Content>> {
      const cursor = asked ? bigintOf(asked.idCursor) : 0n;
      const isAscending = asked?.direction === ASCENDING;
      const limit = asked && asked.limit > 0 && asked.limit <= MOST_IN_A_PAGE ? asked.limit : MOST_IN_A_PAGE;
      const rows = rowsOf(list).filter(({ id }) => cursor === 0n || (isAscending ? id > cursor : id < cursor));
      const page = (isAscending ? rows : rows.toReversed()).slice(0, limit);
      // A cursor says that there may be more: as at the real node, only a full page has one.
      const idCursor = long(page.length === limit ? (page.at(-1)?.id ?? 0n) : 0n);
      return {
        rows: page,
        pagingInfo: { direction: isAscending ? ASCENDING : DESCENDING, limit, idCursor } as PagingInfo,
      };
    },
  };
}
