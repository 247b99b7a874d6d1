import { Server } from 'node:net'

/**
 * Loaded into the peer before its own code: it has no setting for the address it listens on and would take every one.
 * Here it is loopback alone, and the port it got is printed.
 */
const listen = Server.prototype.listen
Server.prototype.listen = function (this: Server) {
  this.once('listening', () => {
    const address = this.address()
    if (address !== null && typeof address === 'object') process.stdout.write(`\npeer on ${address.port}\n`)
  })
  return listen.call(this, { host: '127.0.0.1', port: 0 })
}
