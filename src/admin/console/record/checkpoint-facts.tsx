import { useQuery } from '@tanstack/react-query'
import { base64 } from '../../../core/base/base64.ts'
import type { Checkpoint } from '../../../core/record/checkpoint.ts'
import { Facts, mono } from '../parts/facts.tsx'
import { lasting } from '../parts/lasting.ts'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'
import { recordStatusQuery } from './api.ts'
import type { Head } from './head.ts'

/** The three lines that are signed, and how old the newest entry under them is. */
export function CheckpointFacts({
  head,
  checkpoint,
  newest,
}: {
  readonly head: Head
  readonly checkpoint: Checkpoint
  /** Clock of the newest entry, where it was read. */
  readonly newest: string | null
}) {
  const words = useWords()
  const { format } = useSettings()
  // What waits has no place yet, so nobody can check it: the server's own word, and said beside the rest.
  const { data: status } = useQuery(recordStatusQuery)
  const atMs = newest === null ? null : Date.parse(newest)
  return (
    <>
      <Facts
        rows={[
          [words('record.size'), format.count(checkpoint.size)],
          [words('record.root'), mono(base64(checkpoint.root))],
          [words('record.origin'), mono(checkpoint.origin)],
          [
            words('record.newest'),
            atMs === null
              ? null
              : words('record.age', { at: format.when(atMs), age: lasting(Date.now() - atMs, words) }),
          ],
          [words('record.quorum'), head.quorum === null ? words('record.quorum.none') : mono(head.quorum)],
          [words('record.waiting'), status === undefined ? null : format.count(status.waiting)],
        ]}
      />
      <p className="flex flex-wrap gap-x-3 mt-2 text-12">
        <a href="/record/checkpoint">{words('record.file.checkpoint')}</a>
        <a href="/record/log.policy">{words('record.file.policy')}</a>
        <a href="/api/record">{words('record.json')}</a>
      </p>
    </>
  )
}
