/** Error numbers by name, as the kernel and its tools speak of them. */
export type Errno =
  | 'EIO'
  | 'EINVAL'
  | 'ENOSPC'
  | 'EBUSY'
  | 'ENXIO'
  | 'ENOENT'
  | 'EEXIST'
  | 'ENODEV'
  | 'ENOMEM'
  | 'EPERM'
  | 'EROFS'
  | 'EAGAIN'
  | 'EOPNOTSUPP'
  | 'ENOTTY'
  | 'EILSEQ'
  | 'ENODATA'
  | 'ETIMEDOUT'
  | 'EINTR'
  | 'ENOTDIR'
  | 'EISDIR'
  | 'ENOTBLK'
  | 'EFBIG'
  | 'ERANGE'
  | 'EDOM'
  | 'E2BIG'

/** What strerror(3) says of each, so that refusals read as they do in a shell. */
export const STRERROR: Readonly<Record<Errno, string>> = {
  EIO: 'Input/output error',
  EINVAL: 'Invalid argument',
  ENOSPC: 'No space left on device',
  EBUSY: 'Device or resource busy',
  ENXIO: 'No such device or address',
  ENOENT: 'No such file or directory',
  EEXIST: 'File exists',
  ENODEV: 'No such device',
  ENOMEM: 'Cannot allocate memory',
  EPERM: 'Operation not permitted',
  EROFS: 'Read-only file system',
  EAGAIN: 'Resource temporarily unavailable',
  EOPNOTSUPP: 'Operation not supported',
  ENOTTY: 'Inappropriate ioctl for device',
  EILSEQ: 'Invalid or incomplete multibyte or wide character',
  ENODATA: 'No data available',
  ETIMEDOUT: 'Connection timed out',
  EINTR: 'Interrupted system call',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  ENOTBLK: 'Block device required',
  EFBIG: 'File too large',
  ERANGE: 'Numerical result out of range',
  EDOM: 'Numerical argument out of domain',
  E2BIG: 'Argument list too long',
}

/** The outcome of something that can fail in operation: a value, never an exception. */
export type Result<T> = { readonly ok: true; readonly value: T } | Failure

/** A refusal: the errno for programs, the sentence (what would be right) for people. */
export interface Failure {
  readonly ok: false
  readonly errno: Errno
  readonly message: string
}

export function ok<T>(value: T): Result<T> {
  return { ok: true, value }
}

export function fail(errno: Errno, message: string): Failure {
  return { ok: false, errno, message }
}
