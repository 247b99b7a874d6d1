import { expect, test } from 'vitest'
import { choosesAccess, chosenByBody, chosenByHeader, isForeign } from './native-access.ts'

const codeOf = (error: ReturnType<typeof chosenByBody>) => (error === null ? null : [error.status, error.code])

test('TA-5: a profile or a programme that is chosen is named; what everybody has, and a customer’s name, is no choice', () => {
  const bodies: [dialect: 'anthropic' | 'openai', body: Record<string, unknown>, code: unknown][] = [
    ['anthropic', {}, null],
    ['anthropic', { metadata: { user_id: 'u' }, user_profile_id: null }, null],
    ['anthropic', { user_profile_id: 'uprof_1' }, [404, 'not_found']],
    ['anthropic', { user_profile_id: ['uprof_1'] }, [404, 'not_found']],
    ['openai', { safety_identifier: 'c', user: 'c', access_programs: null }, null],
    ['openai', { access_programs: { cyber: 'standard', other: null } }, null],
    ['openai', { access_programs: { cyber: 'daybreak_red' } }, [403, 'trusted_access_required']],
    ['openai', { access_programs: { cyber: 'standard', bio: 'other' } }, [403, 'trusted_access_required']],
    ['openai', { access_programs: { cyber: { program: 'daybreak_red' } } }, [403, 'trusted_access_required']],
    ['openai', { access_programs: 'daybreak_red' }, [403, 'trusted_access_required']],
    ['openai', { access_programs: ['standard'] }, [403, 'trusted_access_required']],
  ]
  for (const [dialect, body, code] of bodies) expect([body, codeOf(chosenByBody(dialect, body))]).toEqual([body, code])
  expect(codeOf(chosenByHeader('anthropic', { 'anthropic-user-profile-id': 'p' }))).toEqual([404, 'not_found'])
  expect(chosenByHeader('anthropic', { 'anthropic-beta': 'b', 'openai-safety-identifier': 'c' })).toBeNull()
  expect(chosenByHeader('openai', { 'openai-safety-identifier': 'c' })).toBeNull()
})

test('TA-5: a header goes to its own vendor; what chooses within an account goes with the account’s credential', () => {
  const names = [
    'anthropic-beta',
    'anthropic-user-profile-id',
    'anthropic-workspace-id',
    'openai-safety-identifier',
    'openai-organization',
    'openai-project',
    'x-client',
  ]
  expect(names.filter((name) => isForeign(name, 'anthropic'))).toEqual(names.slice(3, 6))
  expect(names.filter((name) => isForeign(name, 'openai'))).toEqual(names.slice(1, 3))
  expect(names.filter(choosesAccess)).toEqual([names[1], names[2], names[4], names[5]])
})
