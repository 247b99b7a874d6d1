export const PROGRAM: string
export function isProgramBuilt(): boolean
export function newest(paths: readonly string[]): number
