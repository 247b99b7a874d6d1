import { memoryRegistry } from './memory-registry.ts'
import { registryContract } from './registry-contract.ts'

registryContract('memory', async () => ({ store: memoryRegistry(), remove: async () => undefined }))
