export function newest(paths: readonly string[]): number
