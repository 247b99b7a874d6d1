import { loadConfig } from '../io/config/config.ts'
import { reporting } from './admin-client.ts'
import { type Command, EXIT, parseFlags, type Takes } from './command.ts'
import { accept } from './feed-accept.ts'
import { type Asked, attach, FeedCommandError, init, key, publish, root } from './feed-mine.ts'
import { cosign, exportAs, list, pin, records, resume, sync } from './feed-theirs.ts'

const HELP = `sluice feed: signed files that partners exchange

one's own
  sluice feed init DIR --name NAME [--contact ROSTER] [--jurisdiction J] [--witness VKEYS] [--quorum N] [--max-age-h 24]
  sluice feed key witness|encryption [--name NAME]
  sluice feed attach FILE --level L --kind task-set|detector|cases [--to KEYS.jwk]
  sluice feed publish FILE|DIR… --level clear|green|amber|red
  sluice feed root show|rotate [--replace root,publisher,evaluator] [--witness VKEYS] [--quorum N]
partners'
  sluice feed pin NAME SOURCE --root HEX --how "read aloud over the telephone" [--levels L,L] [--token-env NAME]
  sluice feed cosign NAME [--folder DIR] [--level L]
  sluice feed sync [NAME] [--dispute]     exit 1: stopped, untrusted or refused; 3: cannot be reached
  sluice feed list · sluice feed records [PUBLISHER/ID]
  sluice feed export PUBLISHER/ID --as osv|avid
  sluice feed resume NAME --level L -m REASON
  sluice feed accept PUBLISHER/ID --data DIR [--admin URL]   measure a detector here, draft it, let it look on
`

export const takes: Takes = {
  command: 'feed',
  flags: ['json', 'dispute'],
  values: [
    'name',
    'contact',
    'jurisdiction',
    'witness',
    'quorum',
    'max-age-h',
    'level',
    'kind',
    'to',
    'replace',
    'root',
    'how',
    'by',
    'levels',
    'token-env',
    'folder',
    'as',
    'reason',
    'data',
    'admin',
  ],
  page: HELP,
}

const VERBS: Readonly<Record<string, (asked: Asked) => Promise<number>>> = {
  ...{ init, key, attach, publish, root, pin, cosign, sync, list, records, resume, accept },
  export: exportAs,
}

/** `sluice feed`: exchange with partners. Nothing that arrives changes what is enforced. */
export const run: Command = async (args, terminal) => {
  const { options, rest } = parseFlags(args, takes)
  const [name, ...more] = rest
  const verb = name === undefined ? undefined : VERBS[name]
  if (verb === undefined) {
    terminal.stderr(HELP)
    return EXIT.usage
  }
  let usage = false
  const code = await reporting(terminal, async () => {
    try {
      const { dataFolder } = loadConfig(process.env, process.cwd())
      return await verb({ options, rest: more, dataFolder, terminal })
    } catch (error) {
      usage = error instanceof FeedCommandError && error.code === 'option'
      throw error
    }
  })
  return usage ? EXIT.usage : code
}
