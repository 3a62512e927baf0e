// What unit tests find of the platform, where node 20 differs from browsers.

// ArrayBuffer.prototype.transfer does not exist yet: with it, bytes that are used after they were released show as empty, as they do in browsers.
const buffers = ArrayBuffer.prototype as { transfer?: (length: number) => ArrayBuffer };
buffers.transfer ??= function transfer(this: ArrayBuffer, length: number): ArrayBuffer {
  const moved = structuredClone(this, { transfer: [this] });
  return moved.slice(0, length);
};

// Once it is called often, node's own canParse takes a name with ü for bytes that are not UTF-8, and says no.
URL.canParse = (url, base) => {
  try {
    return Boolean(new URL(url, base));
  } catch {
    return false;
  }
};
export {};
