// One call of a node of XMTP V3 as gRPC-web has it: a message in one frame, answered by a message and the frame that says how the call ended.
// Promises: an answer is one whole message and a status of success, or a NetworkError says why not; sizes and times are bounded as of every request.
// Must not: know what a message says.
import { readWhole } from './bounded-body';
import { NetworkError } from './network-error';
import { expectSuccess, inTime, post, type RequestLimits } from './node-request';

const headBytes = 5;
const [messageKind, trailersKind] = [0x00, 0x80];
const contentType = 'application/grpc-web+proto';
const contentTypes = ['application/grpc-web', contentType];
/** What the last frame may hold: a status, and words that nobody reads. */
const trailersBytes = 16_384;
const frames = { message: headBytes, trailers: headBytes + trailersBytes };

/** The message that answers one, by a method's path: '/package.Service/Method'. Throws NetworkError, of every reason. */
export function callUnary(
  fetcher: typeof fetch,
  address: string,
  { path, message }: { path: string; message: Uint8Array },
  limits: RequestLimits,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  return inTime(limits, signal, async (ending) => {
    const headers = { 'content-type': contentType, accept: contentType, 'x-grpc-web': '1' };
    const response = await post(fetcher, `${address}${path}`, { headers, body: framed(message) }, ending);
    await expectSuccess(response);
    mustBeGrpcWeb(response);
    const body = await readWhole(response, limits.answerBytes + frames.message + frames.trailers);
    // A refusal may come without a body, its status among the headers.
    mustHaveSucceeded(response.headers.get('grpc-status') ?? undefined, body.length === 0);
    return messageIn(body);
  });
}

function framed(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(headBytes + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, headBytes);
  return frame;
}

function mustBeGrpcWeb(response: Response): void {
  const [type = ''] = (response.headers.get('content-type') ?? '').split(';');
  if (contentTypes.includes(type.trim().toLowerCase())) return;
  response.body?.cancel().catch(() => undefined);
  throw bad('the answer is not gRPC-web');
}

/** The one message of a body whose last frame tells of success. */
function messageIn(body: Uint8Array): Uint8Array {
  const [first, end] = frameAt(body, 0);
  // A refusal needs no message.
  if (first.kind === trailersKind && end === body.length) mustHaveSucceeded(statusIn(first.content), false);
  if (first.kind !== messageKind) throw bad('the answer has no message');
  const [last, wholeEnd] = frameAt(body, end);
  if (last.kind !== trailersKind || wholeEnd !== body.length) throw bad('the answer does not end with its status');
  mustHaveSucceeded(statusIn(last.content), true);
  return first.content;
}

/** A frame, and where it ends. Throws NetworkError 'bad-answer' where there is none. */
function frameAt(body: Uint8Array, at: number): [{ kind: number; content: Uint8Array }, number] {
  if (body.length - at < headBytes) throw bad('the answer breaks off');
  const view = new DataView(body.buffer, body.byteOffset + at, headBytes);
  const end = at + headBytes + view.getUint32(1);
  if (end > body.length) throw bad('the answer breaks off');
  return [{ kind: view.getUint8(0), content: body.subarray(at + headBytes, end) }, end];
}

/** The status that trailers tell, exactly once. */
function statusIn(trailers: Uint8Array): string | undefined {
  if (trailers.length > trailersBytes) throw bad('the last frame is too long');
  const told = String.fromCharCode(...trailers)
    .split(/\r?\n/)
    .filter((line) => /^grpc-status[ \t]*:/i.test(line));
  return told.length === 1 ? told[0]?.slice(told[0].indexOf(':') + 1).trim() : undefined;
}

/** Throws 'refused' with the code of a failure; 'bad-answer' for a status that is none, and for none where there must be one. */
function mustHaveSucceeded(status: string | undefined, isNeeded: boolean): void {
  if (status === undefined && !isNeeded) return;
  if (status === undefined || !/^(?:0|[1-9]\d?)$/.test(status)) throw bad('the answer has no status');
  if (status !== '0') throw new NetworkError('refused', 'the node refused', Number(status));
}

const bad = (message: string) => new NetworkError('bad-answer', message);
