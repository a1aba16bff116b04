// System errors in plain words: what a file, a disk or a pipe answered, without paths and call names.

/** True for a system error with this code. */
export const isErrno = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EBUSY: "in use by another process",
  EDQUOT: "the disk quota is used up",
  EEXIST: "it exists already",
  EFBIG: "too large for this file system",
  EIO: "input/output error",
  EISDIR: "it is a folder, not a file",
  ELOOP: "too many symbolic links",
  EMFILE: "too many open files",
  ENAMETOOLONG: "the name is too long",
  ENOENT: "no such file or folder",
  ENOSPC: "no space left on the device",
  ENOTDIR: "a part of its path is not a folder",
  EROFS: "the file system is read-only",
};

/** A system error in plain words, without the path and the call that its own message repeats. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return reasons[code] ?? (code === "" ? error.message : `${code}: ${error.message}`);
}
