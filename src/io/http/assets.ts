import { readFile } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
}

/** Built files below one folder, kept in memory once read; null for anything else, whatever the path tries. */
export function createAssets(folder: string): (path: string) => Promise<{ bytes: Uint8Array; type: string } | null> {
  const kept = new Map<string, { bytes: Uint8Array; type: string }>()
  const root = normalize(folder) + sep
  return async (path) => {
    const file = join(root, path)
    const type = TYPES[extname(file)]
    if (!file.startsWith(root) || type === undefined || path.includes('\0')) return null
    const known = kept.get(file)
    if (known !== undefined) return known
    try {
      const asset = { bytes: new Uint8Array(await readFile(file)), type }
      kept.set(file, asset)
      return asset
    } catch {
      return null
    }
  }
}
