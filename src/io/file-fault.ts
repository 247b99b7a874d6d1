/** What the system said of a file or folder, as its code; empty for any other error. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** Why a file cannot be read, and what to do: follows on its name. */
export function readFault(code: string): string {
  if (code === 'EISDIR') return 'is a folder; name a file in it'
  if (code === 'ENOENT') return 'is not there'
  if (code === 'ENOTDIR') return 'lies below a file; name another place'
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by this user; change its permissions'
  return `cannot be read${code === '' ? '' : ` (${code})`}`
}

/** The same for one that cannot be written. */
export function writeFault(code: string): string {
  if (code === 'EISDIR') return 'is a folder; name a file in it'
  if (code === 'ENOENT') return 'cannot be written: its folder is not there; make that first, or name another place'
  if (code === 'ENOTDIR') return 'lies below a file; name another place'
  if (code === 'EEXIST') return 'is a file; name a folder'
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return 'may not be written by this user; change its permissions, or name another place'
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'does not fit: the disk is full; free some space'
  return `cannot be written${code === '' ? '' : ` (${code})`}`
}
