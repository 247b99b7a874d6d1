import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { settingsFrom } from '../src/cli/collateral-settings.ts'
import { keysOf, specOf } from '../src/cli/collateral-store.ts'
import { type Applied, embeddedBundle } from '../src/cli/judge.ts'
import { LABELS } from '../src/core/base/reasons.ts'
import { decide } from '../src/core/policy/decide.ts'
import type { Receipt } from '../src/core/policy/receipt.ts'
import type { CollateralReport } from '../src/core/safeguards/collateral/report.ts'
import { loadSecrets } from '../src/io/keys/secrets.ts'
import { writeBundleFolder } from '../src/io/safeguards/bundle-folder.ts'
import { openPostgres } from '../src/io/store/open-store.ts'
import { planReplay } from '../src/jobs/plan-replay.ts'
import type { Store } from '../src/jobs/ports.ts'
import { aReceipt } from './fakes/a-receipt.ts'
import { eventually } from './parts/running.ts'
import { startSluice } from './parts/sluice.ts'

const server = process.env.DATABASE_URL
const AT = 1_795_500_000_000
const RECEIPTS = 12_000
const CHUNK = 250
const CHUNKS = RECEIPTS / CHUNK
/** The lock that the gate of `log_chunk` is. */
const GATE = 4_711

if (server === undefined)
  describe('replay by several workers', () => {
    // A newcomer's machine need not have one; where this must run, `.ci/run` does not begin without it.
    test.skip('PostgreSQL suite did not run: set DATABASE_URL', () => undefined)
  })
else
  describe('replay by several workers on PostgreSQL', () => {
    let folder: string
    let database: string
    let url: string
    let admin: pg.Client
    let watch: pg.Client
    let store: Store
    let before: Applied
    let after: Applied
    let alone: CollateralReport

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'sluice-workers-'))
      database = `sluice_test_${randomBytes(6).toString('hex')}`
      admin = new pg.Client({ connectionString: server })
      await admin.connect()
      await admin.query(`create database ${database}`)
      const at = new URL(server)
      at.pathname = `/${database}`
      url = at.href
      store = await openPostgres(url)
      before = await embeddedBundle()
      const { cyber } = before.bundle.policy.harms
      const wider = { ...cyber, input: { ...cyber.input, clear: 100_000, act: 200_000 } }
      const policy = { ...before.bundle.policy, harms: { ...before.bundle.policy.harms, cyber: wider } }
      after = { ...before, bundle: { ...before.bundle, policy }, label: 'wider' }
      writeBundleFolder(join(folder, 'wider'), after.bundle)
      const receipts = Array.from({ length: RECEIPTS }, (_, n) => synthetic(n))
      for (let i = 0; i < RECEIPTS; i += 500)
        await store.addReceipts(
          receipts
            .slice(i, i + 500)
            .map((head) => ({ head, line: JSON.stringify(head), hash: '', segment: 'other' as const })),
          { file: 'test', offset: i },
        )
      watch = new pg.Client({ connectionString: url })
      await watch.connect()
      // What happens to a chunk, as the database saw it: who took it, and who brought its result. Each takes its time.
      // A worker named `doomed` is held when it brings its second, and `other` from the first, while the gate is shut.
      await watch.query(`
        create table chunk_log (n serial primary key, job text, seq integer, kind text, by_whom text);
        create function log_chunk() returns trigger language plpgsql as $$
        declare
          me text := current_setting('application_name');
          second boolean := exists (select from chunk_log where job = new.job and kind = 'done' and by_whom = me);
        begin
          if me = 'other' or (me = 'doomed' and new.result is not null and second) then
            perform pg_advisory_xact_lock_shared(${GATE});
          end if;
          if new.result is not null and old.result is null then
            insert into chunk_log (job, seq, kind, by_whom)
              values (new.job, new.seq, 'done', me);
          elsif new.worker is distinct from old.worker then
            insert into chunk_log (job, seq, kind, by_whom)
              values (new.job, new.seq, 'taken', me);
            perform pg_sleep(0.03);
          end if;
          return new;
        end $$;
        create trigger log_chunk after update on replay_chunks for each row execute function log_chunk()`)
    })
    afterAll(async () => {
      await watch?.end()
      await store?.close()
      await admin?.query(`drop database if exists ${database} with (force)`)
      await admin?.end()
      rmSync(folder, { recursive: true, force: true })
    })

    /** Requests with all kinds of findings, of many sessions; some that the wider safeguard newly diverts. */
    function synthetic(n: number): Receipt {
      const receipt = aReceipt({ n, atMs: AT + n, session: `s${n % 700}`, model: 'large' })
      const [first] = receipt.steps[0]!.input.findings
      const ppm = LABELS.map((label, i) => (label === 'harm.cyber' ? (n * 7919) % 400_000 : ((n + i) * 31) % 90_000))
      const input = { ...receipt.steps[0]!.input, fallbackModel: 'small', findings: [{ ...first!, ppm }] } as never
      return {
        ...receipt,
        ...{ model: before.bundle.model!, org: `org-${n % 30}` as Receipt['org'] },
        ...{ safeguards: { base: before.label }, steps: [{ input, decision: null }] },
        decision: decide(input, before.bundle.policy),
      }
    }

    async function plan(id: string): Promise<void> {
      const spec = specOf({ before, after, settings: settingsFrom(new Map()) }, keysOf(await loadSecrets(folder)))
      const job = { id, createdAtMs: AT, sinceMs: AT, untilMs: AT + RECEIPTS, spec }
      expect(await planReplay(job, store, CHUNK)).toBe(RECEIPTS)
    }

    type Helper = ReturnType<typeof startSluice>

    /** A worker in a process of its own, as a person starts it. */
    function help(job: string, name: string, data = folder): Helper {
      const args = ['collateral', '--after', join(folder, 'wider'), '--store', '--job', job, '--json']
      return startSluice(args, { DATABASE_URL: url, SLUICE_DATA: data, SLUICE_CONFIG: '', PGAPPNAME: name })
    }

    const log = async (job: string, kind: 'taken' | 'done') =>
      (
        await watch.query<{ seq: number; by_whom: string }>(
          'select seq, by_whom from chunk_log where job = $1 and kind = $2 order by n',
          [job, kind],
        )
      ).rows
    const seqs = Array.from({ length: CHUNKS }, (_, seq) => seq)
    const sorted = (rows: readonly { readonly seq: number }[]) => rows.map(({ seq }) => seq).sort((a, b) => a - b)
    /** Without what looking cost, which is a time. */
    const numbers = ({ cost: _, ...report }: CollateralReport) => ({
      ...report,
      gates: report.gates.filter(({ name }) => name !== 'overhead'),
    })
    const reportOf = async ({ done }: Helper): Promise<CollateralReport> => {
      const { stdout, stderr } = await done
      if (stdout === '') throw new Error(stderr)
      return JSON.parse(stdout) as CollateralReport
    }

    /** Nobody begins before both are there. */
    async function together(job: string, names: readonly string[]): Promise<readonly Helper[]> {
      await watch.query('begin')
      await watch.query('lock table replay_chunks in exclusive mode')
      const helpers = names.map((name) => help(job, name))
      await eventually(async () => {
        const { rows } = await admin.query<{ n: string }>(
          `select count(distinct application_name) as n from pg_stat_activity
             where datname = $1 and wait_event_type = 'Lock' and application_name = any($2)`,
          [database, names],
        )
        return Number(rows[0]!.n) === names.length
      }, 60_000)
      await watch.query('commit')
      return helpers
    }

    test('one worker alone does every chunk once', async () => {
      await plan('rpl_alone')
      alone = await reportOf(help('rpl_alone', 'one'))
      expect(sorted(await log('rpl_alone', 'done'))).toEqual(seqs)
      expect([alone.traffic.requests, alone.moved.length > 100]).toEqual([RECEIPTS, true])
    })

    test('two at once share the chunks, each is done once, and both come away with the same numbers', async () => {
      await plan('rpl_two')
      const helpers = await together('rpl_two', ['left', 'right'])
      const [left, right] = await Promise.all(helpers.map(reportOf))
      const done = await log('rpl_two', 'done')
      expect(sorted(done)).toEqual(seqs)
      expect(sorted(await log('rpl_two', 'taken'))).toEqual(seqs)
      expect(new Set(done.map(({ by_whom }) => by_whom))).toEqual(new Set(['left', 'right']))
      expect(numbers(left!)).toEqual(numbers(alone))
      // One report is kept, and everybody gets that one, also who comes when all is over.
      expect(right).toEqual(left)
      expect(await reportOf(help('rpl_two', 'late'))).toEqual(left)
      expect((await store.reports(10)).map(({ id }) => id)).toContain('col_two')
      expect(await store.replayJob('rpl_two')).toBeNull()
    })

    test('one is killed with a chunk in its hands: the other does it too, and the numbers are the same', async () => {
      await plan('rpl_killed')
      await watch.query('select pg_advisory_lock($1)', [GATE])
      const [doomed, other] = await together('rpl_killed', ['doomed', 'other'])
      const pid = await eventually(async () => {
        const { rows } = await admin.query<{ pid: number }>(
          `select pid from pg_stat_activity
             where datname = $1 and wait_event = 'advisory' and application_name = 'doomed'`,
          [database],
        )
        return rows[0]?.pid
      }, 60_000)
      const kept = new Set(sorted(await log('rpl_killed', 'done')))
      const held = (await log('rpl_killed', 'taken')).filter(({ seq }) => !kept.has(seq))
      expect(held.map(({ by_whom }) => by_whom)).toEqual(['doomed'])
      const [lost] = held
      doomed!.child.kill('SIGKILL')
      await doomed!.done
      // A server that waits for a lock does not see that its client is gone; a machine that died is cut off as well.
      await admin.query('select pg_terminate_backend($1)', [pid])
      await watch.query('select pg_advisory_unlock($1)', [GATE])
      const report = await reportOf(other!)
      const done = await log('rpl_killed', 'done')
      expect(sorted(done)).toEqual(seqs)
      expect(done.find(({ seq }) => seq === lost!.seq)!.by_whom).toBe('other')
      const taken = await log('rpl_killed', 'taken')
      expect(sorted(taken)).toEqual([...seqs, lost!.seq].sort((a, b) => a - b))
      expect(done.some(({ by_whom }) => by_whom === 'doomed')).toBe(true)
      expect(numbers(report)).toEqual(numbers(alone))
    }, 180_000)

    test('who has other keys could not open what the others can, and is told so', async () => {
      await plan('rpl_keys')
      const { code, stderr } = await help('rpl_keys', 'stranger', join(folder, 'elsewhere')).done
      expect([code, stderr]).toEqual([1, expect.stringContaining('was started with other keys')])
      expect(await log('rpl_keys', 'taken')).toEqual([])
      await store.forgetReplay('rpl_keys')
      const gone = await help('rpl_keys', 'late').done
      expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining('no replay rpl_keys')])
    })
  })
