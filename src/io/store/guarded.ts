import { StoreError } from './store-error.ts'

/** Whatever a database throws becomes the store's own error: who asks must know only that it does not answer. */
export async function guarded<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (cause) {
    if (cause instanceof StoreError) throw cause
    throw new StoreError('store_unavailable', 'the store does not answer', { cause })
  }
}
