// Firefox's own remote protocol, Marionette: JSON over TCP, each message led by its length.
// Promises: one command at a time, in the order they were asked; every command has an end, also when Firefox is gone.
// Must not: know extensions or pages. That is browser.ts and page.ts.
import { Socket } from 'node:net';
import { hangsAfterMs } from '../../scripts/limits.mjs';

/** A command that Firefox refused. `code` is a WebDriver error code, e.g. "no such window". */
export class MarionetteError extends Error {
  readonly code: string;
  constructor(command: string, code: string, message: string) {
    super(`${command}: ${code}: ${message}`);
    this.name = 'MarionetteError';
    this.code = code;
  }
}

export interface Marionette {
  /** Sends one command; resolves with its result. Throws MarionetteError when refused, Error when the connection is lost or late. */
  command<Result = unknown>(name: string, parameters?: Record<string, unknown>): Promise<Result>;
  /** Runs several commands with no other command between them (switch to a window, then act in it). */
  together<Result>(work: (command: Marionette['command']) => Promise<Result>): Promise<Result>;
  close(): void;
}

interface Waiting {
  name: string;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** More than the browser itself gives a script or a page to load, so that its own words are heard first. */
const commandMs = hangsAfterMs / 1.5;

/** Connects to a Firefox that listens on this port of 127.0.0.1. Throws when nobody listens. */
export async function connectMarionette(port: number): Promise<Marionette> {
  const socket = new Socket();
  const waiting = new Map<number, Waiting>();
  let received = Buffer.alloc(0);
  let lastId = 0;
  let lost: Error | undefined;
  let greet: () => void;
  const greeted = new Promise<void>((resolve) => (greet = resolve));

  const read = (message: unknown) => {
    if (!Array.isArray(message)) return greet();
    const [, id, error, result] = message as [number, number, { error: string; message: string } | null, unknown];
    const call = waiting.get(id);
    if (!call) return;
    waiting.delete(id);
    if (error) call.reject(new MarionetteError(call.name, error.error, error.message));
    // Most answers are wrapped as { value }; some are bare.
    else
      call.resolve(
        typeof result === 'object' && result !== null && Object.keys(result).join() === 'value'
          ? (result as { value: unknown }).value
          : result,
      );
  };
  const loseAll = (reason: string) => {
    lost = new Error(`the connection to Firefox is gone (${reason})`);
    for (const call of waiting.values()) call.reject(lost);
    waiting.clear();
  };
  socket.on('data', (part) => {
    received = Buffer.concat([received, part]);
    for (;;) {
      const colon = received.indexOf(':');
      if (colon < 0) return;
      const end = colon + 1 + Number(received.subarray(0, colon).toString());
      if (received.length < end) return;
      const text = received.subarray(colon + 1, end).toString();
      received = received.subarray(end);
      read(JSON.parse(text));
    }
  });
  socket.on('close', () => loseAll('closed'));
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.connect(port, '127.0.0.1', resolve);
  });
  socket.on('error', (error) => loseAll(error.message));
  await greeted;

  const send = async <Result>(name: string, parameters: Record<string, unknown> = {}): Promise<Result> => {
    if (lost) throw lost;
    const id = ++lastId;
    const text = JSON.stringify([0, id, name, parameters]);
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      return await new Promise<Result>((resolve, reject) => {
        waiting.set(id, { name, resolve: resolve as (value: unknown) => void, reject });
        timer = setTimeout(() => reject(new Error(`${name}: no answer after ${commandMs} ms`)), commandMs);
        socket.write(`${Buffer.byteLength(text)}:${text}`);
      });
    } finally {
      clearTimeout(timer);
      waiting.delete(id);
    }
  };

  // A command acts in the window that was switched to last, so two tasks must not interleave.
  let queue: Promise<unknown> = Promise.resolve();
  const together: Marionette['together'] = (work) => {
    const result = queue.then(() => work(send));
    queue = result.catch(() => undefined);
    return result;
  };
  return {
    command: (name, parameters) => together((command) => command(name, parameters)),
    together,
    close: () => void socket.destroy(),
  };
}
