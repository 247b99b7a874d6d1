import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

/** Files of a record's folder, by their paths with forward slashes. */
export function openFolder(folder: string) {
  return {
    async read(path: string): Promise<Uint8Array | null> {
      try {
        return await readFile(join(folder, path))
      } catch (error) {
        if (isMissing(error)) return null
        throw error
      }
    },
    async list(below: string): Promise<readonly string[]> {
      try {
        const entries = await readdir(join(folder, below), { recursive: true, withFileTypes: true })
        return entries
          .filter((entry) => entry.isFile() && !entry.name.endsWith('.tmp'))
          .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
          .sort()
      } catch (error) {
        if (isMissing(error)) return []
        throw error
      }
    },
  }
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR'
}
