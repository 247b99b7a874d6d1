import { type AddressInfo, createServer } from 'node:net'

/** Address of a port on loopback that refuses connections. */
export function closedPort(): Promise<string> {
  const server = createServer()
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(`http://127.0.0.1:${port}`))
    })
  })
}
