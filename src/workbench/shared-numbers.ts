// Numbers in memory that threads share.

/** Zeros; in memory of this thread alone where none can be shared, as in most pages: one thread does everything there. */
export const sharedNumbers = (length: number): Float64Array =>
  typeof SharedArrayBuffer === "undefined"
    ? new Float64Array(length)
    : new Float64Array(new SharedArrayBuffer(8 * length));
