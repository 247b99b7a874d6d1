/** Shown for `--help` and for a command that does not exist. */
export const USAGE = `sluice: safeguards for LLM APIs

  sluice [serve]           start the gateway and the console; --workers N for more cores
  sluice try [--url URL]   about thirty prompts, and what is done with each
  sluice why DECISION      what was decided, and why
  sluice classify          JSON lines on stdin: {"id","turns":[{"role","content"}]}
  sluice train --data DIR  make the model file
  sluice eval --data DIR   measure it
  sluice key create|list|revoke   keys of a running instance
  sluice doctor            check this installation
  sluice off|observe|enforce -m REASON   change the mode of a running instance

Every command: --json for machines, --help for this page.
Exit codes: 0 done, 1 negative result, 2 usage, 3 unavailable, 4 inconclusive.
`
