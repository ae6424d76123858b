//! The operations, as Redis scripts.

use std::fmt;

use redis::Script;

/// `KEYS[1]` is the callback's key; `KEYS[2]` exists for a while after the token has released its
/// claim.
///
/// Returns 0 for a fresh claim, 1 and the remaining time for another's claim, 2 and the answer for
/// a done callback.
const CLAIM: &str = r"
local found = redis.call('GET', KEYS[1])
if found and string.sub(found, 1, 1) == 'd' then
    return {2, 0, string.sub(found, 2)}
end
if found and found ~= 'c' .. ARGV[1] then
    return {1, math.max(redis.call('PTTL', KEYS[1]), 0), ''}
end
if redis.call('GET', KEYS[2]) then
    return {1, 0, ''}
end
redis.call('SET', KEYS[1], 'c' .. ARGV[1], 'PX', ARGV[2])
return {0, 0, ''}
";

/// Returns 0 if the claim was extended, 1 if nobody has one, 2 if another token has it or the
/// callback is done.
const RENEW: &str = r"
local found = redis.call('GET', KEYS[1])
if not found then
    return 1
end
if found == 'c' .. ARGV[1] then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
    return 0
end
return 2
";

/// The first answer stays.
const COMMIT: &str = r"
local found = redis.call('GET', KEYS[1])
if not found or string.sub(found, 1, 1) ~= 'd' then
    redis.call('SET', KEYS[1], 'd' .. ARGV[1], 'PX', ARGV[2])
end
return redis.status_reply('OK')
";

/// A claim that was sent earlier may still be on its way, over an abandoned connection.
const RELEASE: &str = r"
if redis.call('GET', KEYS[1]) == 'c' .. ARGV[1] then
    redis.call('DEL', KEYS[1])
end
redis.call('SET', KEYS[2], '', 'PX', ARGV[2])
return redis.status_reply('OK')
";

/// Returns 0 for an unknown callback, 1 and the remaining time for a claim, 2, the remaining time and the answer
/// for a done callback.
const LOOK: &str = r"
local found = redis.call('GET', KEYS[1])
if not found then
    return {0, 0, ''}
end
local left = redis.call('PTTL', KEYS[1])
if string.sub(found, 1, 1) ~= 'd' then
    return {1, left, ''}
end
return {2, left, string.sub(found, 2)}
";

/// The same, and deletes the key of a done callback. If it runs twice, the second finds nothing.
const FORGET: &str = r"
local found = redis.call('GET', KEYS[1])
if not found then
    return {0, 0, ''}
end
local left = redis.call('PTTL', KEYS[1])
if string.sub(found, 1, 1) ~= 'd' then
    return {1, left, ''}
end
redis.call('DEL', KEYS[1])
return {2, left, string.sub(found, 2)}
";

/// The scripts. A server that does not know one is sent its source.
pub(super) struct Scripts {
    pub(super) claim: Script,
    pub(super) renew: Script,
    pub(super) commit: Script,
    pub(super) release: Script,
    pub(super) look: Script,
    pub(super) forget: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            claim: Script::new(CLAIM),
            renew: Script::new(RENEW),
            commit: Script::new(COMMIT),
            release: Script::new(RELEASE),
            look: Script::new(LOOK),
            forget: Script::new(FORGET),
        }
    }
}

impl fmt::Debug for Scripts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scripts")
    }
}
