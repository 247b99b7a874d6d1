/** Shown for `--help` and for a command that does not exist. */
export const USAGE = `sluice: safeguards for LLM APIs

  sluice [serve]           start the gateway and the console; --workers N for more cores;
                           --live prints a line per acted decision also where no terminal reads, --quiet none
  sluice try [--url URL]   about thirty prompts, and what is done with each
  sluice why DECISION      what was decided, and why
  sluice classify          JSON lines on stdin: {"id","turns":[{"role","content"}]}
  sluice train --data DIR  make the model file
  sluice eval --data DIR | --file FILE | --suite own|unseen|wrapped|attacks|answers   measure it, or another
    --target T             sluice (default); the address of a /v1/moderations; openai:URL or anthropic:URL, a chat
                           judge, with --judge-model M; hook:URL; http:URL with --template FILE
    --html FILE --lang L   the report as a page, en or ja; --json: everything
    --measures LIST        of quality,prefix,needle,evasion,attacker,latency,families
    --against FILE|DIR     count rows that another set holds too
    --bars                 exit 1 when a bar is missed, 4 when the set is too small for one
    --n N --sample N --max-chars N --concurrency N --timeout MS --key-env NAME
  sluice respond --report FILE [--data DIR] [--out FOLDER]   a detector for a reported technique, measured
  sluice demo widen [--data DIR] [--out FOLDER]   a safeguard widened twice, and what its reports say
  sluice demo report [--out FOLDER] [--tasks N]   a report, from intake to its correction at a partner's
  sluice data import FILE… --out FILE   JSON lines, CSV or Parquet into the data schema
    --against FILE --license L --source S --lang L --columns name=theirs,…
  sluice data manifest     where the training texts come from, with licences
  sluice collateral --after BUNDLE --data DIR|--store|--parquet FILES   what a safeguard would do to honest work
  sluice usefulness        what safeguards leave of ordinary use, and for whom least
  sluice key create|list|revoke   keys of a running instance
  sluice plan FOLDER       what a safeguard would change against what is enforcing
  sluice release draft|report|dry-run|submit|approve|promote|pause|rollback|watch|list|show …
  sluice safeguard export|import|seal|cascade   a safeguard as folder or as one file
  sluice report intake|list|show|assess|reply|dispute|override|publish …   reports of jailbreaks, and what is known
  sluice duty show|set|drill|ack   who is on duty, and how fast the desk answers
  sluice people key|list|sign|verify   who may sign overrides, with keys of their own
  sluice review list|next|label|golden|revoke|export   people's labels on what was decided
  sluice appeals list|show|decide|fixed   objections of callers
  sluice feed init|publish|pin|sync|list|records|accept …   exchange with partners
  sluice severity VECTOR   how grave a jailbreak is: score, band, formula; without VECTOR one per line on stdin
    --explain --compare --lang L --measurements FILE --jef vendors,models,subjects,fidelity
  sluice severity raters FILE.csv   how far raters agree on each metric
  sluice reproduce --plan FILE   a technique against a panel of other models, with intervals
    --dry-run              what it may cost; --yes starts what is above the plan's limit
    --resume               go on with a run; --out FOLDER --seed N --lang L
  sluice record verify|prove|show|key|shred   the log of what was decided and changed, for anybody to check
  sluice transparency MONTH   the public report of a month, from the record alone
  sluice doctor            check this installation
  sluice off|observe|enforce -m REASON [--by NAME]   change the mode of a running instance

Every command: --json for machines, --help for its page, which is this one where it has none of its own.
Exit codes: 0 done, 1 negative result, 2 usage, 3 unavailable, 4 inconclusive.
`
