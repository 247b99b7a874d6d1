/** What people read, in English. Keys are shared with every other language; `{name}` is filled by `message`. */
export const en = {
  'what.input.cyber': 'a request for working attack code or steps against a system',
  'what.output.cyber': 'working attack code or steps',
  'what.input.bio': 'a request for laboratory detail on a dangerous pathogen or toxin',
  'what.output.bio': 'dangerous laboratory detail',
  'what.input.chem': 'a request for how to make or spread a dangerous chemical',
  'what.output.chem': 'detail on making or spreading a dangerous chemical',
  'what.input.nuclear-radiological': 'a request for detail on nuclear or radiological harm',
  'what.output.nuclear-radiological': 'detail on nuclear or radiological harm',
  'what.input.weapons': 'a request for how to build or obtain a weapon',
  'what.output.weapons': 'detail on building or obtaining a weapon',
  'what.input.child-safety': 'content that concerns the safety of children',
  'what.output.child-safety': 'content that concerns the safety of children',
  'what.input.self-harm': 'a request about harming oneself',
  'what.output.self-harm': 'detail on harming oneself',
  'what.input.violence-extremism': 'a request that supports violence or violent extremism',
  'what.output.violence-extremism': 'content that supports violence or violent extremism',
  'what.input.hate-harassment': 'a request for content that demeans or targets people',
  'what.output.hate-harassment': 'content that demeans or targets people',
  'what.input.fraud-deception': 'a request for material that deceives people for gain',
  'what.output.fraud-deception': 'material that deceives people for gain',
  'what.input.privacy': "a request for someone else's personal information",
  'what.output.privacy': "someone else's personal information",
  'what.input.sexual': 'a request for sexual content that is not offered here',
  'what.output.sexual': 'sexual content that is not offered here',
  'what.input.illegal-drugs': 'a request for how to make or trade illegal drugs',
  'what.output.illegal-drugs': 'detail on making or trading illegal drugs',
  'what.input.misinformation': 'a request for false information meant to spread',
  'what.output.misinformation': 'false information meant to spread',
  'what.input.prompt-injection': 'text that tries to change the instructions of this service',
  'what.output.prompt-injection': 'an answer that follows instructions from untrusted text',
  'what.input.other-harm': 'a request that could contribute to harm',
  'what.output.other-harm': 'content that could contribute to harm',
  'what.attack.injection': 'text that tries to change the instructions of this service',
  'what.attack.jailbreak': 'a form that is used to get around safeguards',
  'what.attack.encoding': 'text encoded so that it cannot be read directly',
  'what.attack.suffix': 'a sequence of characters known to disturb models',
  'what.attack.leak': 'a request for the internal instructions of this service',
  'what.attack.multi-turn': 'a course of turns that leads step by step to harm',
  'next.rephrase': 'Describing your purpose and the system you own or test often helps.',
  'next.trust': 'If this is authorised defensive or research work, trusted access ({scope}) covers it: {enroll_url}',
  'next.support': 'If you are going through a hard time, you can talk to someone now: {support_line}.',
  'next.child': 'If a child may be in danger, contact the local emergency service first.',
  'next.part': 'Removing the quoted document or tool result and asking again may help.',
  'next.background': 'Background: {brief_url}',
  'explain.refuse.input':
    'This request was declined: it reads as {what} ({category_name}). This is an automated decision, not a finding of wrongdoing. {next} Details and appeal: {appeal_url} (appeal {appeal_id})',
  'explain.refuse.output':
    'The answer was stopped because it began to contain {what} ({category_name}). What you already received had been checked. {next} Details and appeal: {appeal_url} (appeal {appeal_id})',
  'explain.refuse.output_full':
    'An answer was written and withheld because it contains {what} ({category_name}). Your request itself was accepted. {next} Details and appeal: {appeal_url} (appeal {appeal_id})',
  'explain.refuse.exchange':
    'The request and the answer, read together, amount to {what} ({category_name}), so the answer was withheld. {next} Details and appeal: {appeal_url} (appeal {appeal_id})',
  'explain.refuse.short':
    'This request was declined ({category_name}). Details and appeal: {appeal_url} (appeal {appeal_id})',
  'explain.refuse.suspended':
    'No model answered this request: {requested_model} is suspended until {until}. {next} Details and appeal: {appeal_url} (appeal {appeal_id})',
  'explain.refuse.suspended.open':
    'No model answered this request: {requested_model} is suspended. {next} Details and appeal: {appeal_url} (appeal {appeal_id})',
  'explain.refuse.rest':
    'The rest was declined ({category_name}). Details and appeal: {appeal_url} (appeal {appeal_id})',
  'explain.refuse.tool':
    'The answer wanted to call a tool with {what} ({category_name}); that call was left out. Details and appeal: {appeal_url} (appeal {appeal_id})',
  'explain.require_trust':
    'This request is answered only for organisations with trusted access to {scope} ({category_name}). {org} does not hold it at present. How to enrol: {enroll_url} Details and appeal: {appeal_url} (appeal {appeal_id})',
  'explain.require_trust.short':
    'This request needs trusted access ({category_name}). Details and appeal: {appeal_url} (appeal {appeal_id})',
  'explain.require_trust.requirement':
    '{org} holds trusted access to {scope}, but a requirement is not met: {missing}. Until it is, the ordinary safeguard applies. Details and appeal: {appeal_url} (appeal {appeal_id})',
  'explain.fall_back.notice':
    'Answered by {served_model} instead of {requested_model} ({category_name}). The next turn starts at {requested_model} again. Details and appeal: {appeal_url} (appeal {appeal_id})',
  'explain.fall_back.midstream':
    'From here on {served_model} answers instead of {requested_model} ({category_name}). Details and appeal: {appeal_url} (appeal {appeal_id})',
  'explain.fall_back.suspended':
    'Answered by {served_model}: {requested_model} is suspended until {until}. Background: {brief_url}',
  'explain.fall_back.suspended.open':
    'Answered by {served_model}: {requested_model} is suspended. Background: {brief_url}',
  'explain.fall_back.exhausted':
    'No permitted model could answer this request ({category_name}). Models asked: {alternatives}. Details and appeal: {appeal_url} (appeal {appeal_id})',
  'explain.part_set_aside':
    'One part of the input (turn {turn}, from an untrusted source) was set aside and the rest was answered. Details and appeal: {appeal_url} (appeal {appeal_id})',
  'explain.content.uninspected':
    'A part of the input could not be read ({missing}), so this request needs trusted access here. Sending the content as text helps. Details and appeal: {appeal_url} (appeal {appeal_id})',
  'explain.degraded':
    'One check did not answer, so {served_model} was used to be careful. Your request was not judged harmful. Details and appeal: {appeal_url} (appeal {appeal_id})',
  'explain.model_refusal':
    "The model itself declined. This is not a decision of this gateway; the model's own text is passed on unchanged.",
  'explain.tool_use': 'This tool call reads as harmful ({category_name}).',
  'explain.hooks.deny': 'This prompt was declined ({category_name}). You can rephrase it or appeal: {appeal_url}',
  'explain.refuse.self_harm':
    '{next} This service cannot help with harming oneself, but you are not doing anything wrong by asking. Details: {appeal_url} (appeal {appeal_id})',
  'page.not_wrongdoing': 'A refusal is an automated reading of text. It is not a finding of wrongdoing.',
  'page.signature':
    'This request has the form of a reported jailbreak. Forms can coincide with ordinary work; an appeal is read by a person.',
  'page.words': 'These words weighed most in the decision:',
  'page.band.near': 'The decision was close to the threshold.',
  'page.band.clear': 'The decision was clear of the threshold.',
  'page.similar': 'Similar requests that are answered',
  'page.training': 'This request was not used for training.',
  'page.cost.declined': 'No model ran, so nothing was charged.',
  'harm.self-harm': 'refuse',
  'control.suspended': 'fall_back · refuse',
  'control.legal_order': 'refuse',
  'content.uninspected': 'require_trust · flag',
  'detector.unavailable': 'fall_back · flag',
  'budget.spent': 'refuse',
  'appeal.prompt': 'What were you doing? One or two sentences are enough.',
  'appeal.received':
    'Your appeal {appeal_id} was received. A person reads it and answers by {respond_by}. Appeals before yours: {n}. Follow it: {url}',
  'appeal.resubmit':
    'This service stores no content. To let a person read your request, send it again with the appeal {appeal_id}.',
  'appeal.reviewing': 'Appeal {appeal_id} is being read by a person since {since}.',
  'appeal.late':
    'We have not answered appeal {appeal_id} in time ({respond_by}). It now goes to the front of the queue, and the delay counts in the public figures.',
  'appeal.upheld': 'The decision stands (appeal {appeal_id}): {reason_text} What would be answered: {next}',
  'appeal.overturned':
    'The decision on {decision_id} was wrong, and we are sorry. The same request now works with this key until {until}; charge returned: {credit}. Run it again: {url}',
  'appeal.exception': 'Exception granted: this content with this key, until {until}. Edited content is decided anew.',
  'appeal.exception.expired':
    'The exception for {decision_id} ended at {until}. The fix for everyone is planned in {release}.',
  'appeal.fixed': 'Fixed for everyone in {release}: requests like {decision_id} are now answered.',
  'appeal.withdrawn': 'Appeal {appeal_id} was withdrawn by the person who sent it. The decision stands unexamined.',
  'appeal.offer_lapsed':
    'The content of {decision_id} is no longer stored, so this decision can no longer be appealed. The same request, sent again, gets a new one.',
  'appeal.exception.revoked': 'The exception for {decision_id} was revoked at {at}: {reason_text}',
  'appeal.duplicate': 'This decision already has appeal {appeal_id}. Your note was added to it.',
  'appeal.rate': 'Appeals from this key are limited to {limit} per day. The next can be sent at {at}.',
  'appeal.conflict': 'Shown to reviewers: the person who labelled this item cannot decide its appeal.',
  'error.body_invalid': 'body cannot be read: {field} {expected}',
  'error.credential_invalid': 'no valid credential; send `x-api-key` or `authorization: Bearer`',
  'error.token_invalid': 'the delegated token is not accepted: {cause}',
  'error.token_invalid.expired': 'expired at {at}',
  'error.token_invalid.revoked': 'revoked at {at}',
  'error.token_invalid.widened': 'scope wider than its parent',
  'error.token_invalid.caveat': 'unknown caveat `{caveat}`',
  'error.budget_spent': 'budget {budget} is spent: {spent} of {limit}',
  'error.trusted_access_required': 'this request needs trusted access with scope {scope}',
  'error.model_suspended': '{requested_model} is suspended for this account since {since}; see details.brief_url',
  'error.model_suspended.open':
    '{requested_model} is suspended for this account since {since} by legal order, without an end date; see details.brief_url',
  'error.control_denied':
    '{requested_model} is not offered to this account under {instrument_id} ({basis}); see details.appeal_url',
  'error.not_found': 'no such object for this account',
  'error.body_too_large': 'body is larger than {limit}',
  'error.content_encoding': 'content-encoding `{value}` is not supported; use identity, gzip, br or zstd',
  'error.rate_limit_exceeded': 'rate limit reached: {limit}; retry after {left}',
  'error.overloaded': 'the gateway is shedding load; retry after {left}',
  'error.record_unavailable': 'the record cannot be written, so this answer is withheld; retry later',
  'error.stage_unavailable': 'a required stage did not answer: {stage}',
  'error.upstream_unreachable': 'no connection to the upstream of {requested_model}',
  'error.upstream_timeout': 'the upstream of {requested_model} did not answer within {limit}',
  'error.upstream_invalid': 'the upstream of {requested_model} does not speak its protocol',
  'error.guard_unavailable': 'the rest of this answer could not be checked in time',
  'error.detector_unavailable': 'no {stage} detector answered',
  'error.fallback_token': 'fallback_credit_token is not accepted: {cause}',
  'error.fallback_token.rotating': 'fallback_credit_token: redemption temporarily unavailable',
  'notice.budget_step': 'Budget {budget}: {share} used, {spent} of {limit}. Resets at {resets_at}.',
  'notice.price_change':
    'From {at}, {requested_model} costs {new_price} (now {old_price}). Requests are priced by the second they arrive.',
  'cli.listening': 'Listening on {url}',
  'cli.console': 'Console {url}',
  'cli.mode.observe': 'Mode OBSERVE: decisions are shown, nothing is blocked',
  'cli.mode.enforcing': 'Mode ENFORCING with {release}',
  'cli.mode.off': 'Mode OFF: pure pass-through since {since} by {person}',
  'cli.off.legal': 'Controls required by a legal order stay on: {instrument_id}',
  'cli.upstreams': 'Upstreams: {alternatives}',
  'cli.no_upstream':
    'No upstream configured: the built-in rehearsal model answers. Next: set ANTHROPIC_UPSTREAM_URL or OPENAI_UPSTREAM_URL',
  'cli.content': 'Content is kept for {age}; stop it with {variable}',
  'cli.single_person':
    'One person is registered: tiers 0 to 2 need no second approval, tier 3 stays closed; every act is marked single_person',
  'cli.copy': 'Copy one of these lines:',
  'cli.key_passes': 'Your key passes through and is not stored',
  'cli.live.would': '{did} (in enforce: {would})',
  'cli.live.more': 'and at least {n} more; see them in Live',
  'cli.confirm': 'This affects {n} requests of the last 24 hours and {k} organisations. Continue?',
  'cli.suggest': 'Under {release}: refused {refused}, flagged {flagged}. View them before enforcing: {url}',
  'doctor.ok': '{check}: good',
  'doctor.clock': 'Clock is off by {age}. Next: enable time synchronisation (`timedatectl set-ntp true`)',
  'doctor.disk':
    'Only {left} free at {path}; the spool needs {limit}. Next: free space, or lower the spool limit in the configuration',
  'doctor.proxy_buffers':
    'A proxy between client and gateway buffers streams. Next: turn buffering off there (nginx: `proxy_buffering off`)',
  'doctor.proxy_strips_ping': 'Keep-alive events do not arrive. Next: let `text/event-stream` pass unchanged',
  'doctor.upstream_unreachable': '{upstream} does not answer. Next: `curl -sI {url}`; check network and key',
  'doctor.upstream_auth': '{upstream} rejects the key. Next: set a current key in {variable}',
  'doctor.betas': '{upstream} does not offer {feature}; fallback is disclosed by headers instead. Nothing to do',
  'doctor.model_file':
    'Classifier file {path} does not match its hash. Next: put back the file of the release {release}',
  'doctor.witness': 'No witness cosigned for {age}. Next: `sluice feed verify`',
  'doctor.config': '{file} line {line}: {cause}. The last good configuration stays active',
  'doctor.summary': 'Checks {total}, to fix {n}',
  'empty.live': 'No requests yet. Send one with the line from the start banner.',
  'empty.review': 'Nothing to review.',
  'empty.appeals': 'No open appeals. Oldest answer took {age}.',
  'empty.collateral': 'Not enough traffic for a collateral report: {n} of {needed} requests.',
  'empty.jailbreaks': 'No reports. Feeds connected: {n}.',
  'empty.controls': 'No controls in force. All models serve all populations.',
  'trust.page.title': 'Trusted access: {scope}',
  'trust.page.what':
    'Some requests ({category_name}) are answered only for organisations that hold trusted access to {scope}: for authorised defensive or research work that the ordinary safeguard declines.',
  'trust.page.who':
    'Trusted access is given by the operator of this gateway. The version that runs here cannot give it yet: nobody holds it, and asking changes no answer today.',
  'trust.page.contact':
    'To say what you need it for, and to hear what is possible until then, ask the operator: {contact}',
  'trust.page.no_contact':
    'The operator names no contact here. Ask whoever gave you your key or the address of this gateway.',
  'trust.page.appeal':
    'If a request was declined although it should not have been, file an appeal by the link in the refusal: a person looks at it.',
  'empty.trust': 'No grants yet.',
  'empty.digest': 'No recorded events on {at}.',
  'empty.search': 'No match for “{query}”. Width, kana and case do not matter; try fewer words.',
  'state.loading': 'Loading',
  'state.unit_suppressed': 'under 10, not shown',
  'category.cyber': 'cyber',
  'category.bio': 'bio',
  'category.chem': 'chem',
  'category.nuclear-radiological': 'nuclear-radiological',
  'category.weapons': 'weapons',
  'category.child-safety': 'child safety',
  'category.self-harm': 'self-harm',
  'category.violence-extremism': 'violence and extremism',
  'category.hate-harassment': 'hate and harassment',
  'category.fraud-deception': 'fraud and deception',
  'category.privacy': 'privacy',
  'category.sexual': 'sexual',
  'category.illegal-drugs': 'illegal drugs',
  'category.misinformation': 'misinformation',
  'category.prompt-injection': 'prompt injection',
  'category.other-harm': 'other harm',
  'action.allow': 'allow',
  'action.flag': 'flag',
  'action.fall_back': 'fall back',
  'action.require_trust': 'require trust',
  'action.refuse': 'refuse',
} as const

export type MessageKey = keyof typeof en
