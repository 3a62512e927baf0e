// The part of punycode.js that is used; the package brings no types.
declare module 'punycode.js' {
  const punycode: {
    /** The Unicode text of a label without its "xn--". Throws RangeError for what is not valid punycode. */
    decode(label: string): string;
  };
  export = punycode;
}
