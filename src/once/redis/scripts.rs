//! The operations, as Redis runs them.

use std::fmt;

use redis::Script;

/// `KEYS[1]` is the callback's; `KEYS[2]` is there for a while once the token has given its claim up.
///
/// Gives 0 for a fresh claim, 1 and the time left for another's, 2 and the answer for what is done.
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

/// Gives 0 for a claim that lasts on, 1 if nobody has one, 2 for another's and for what is done.
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

/// A claim that was sent before this may still be on its way, over a connection that was given up.
const RELEASE: &str = r"
if redis.call('GET', KEYS[1]) == 'c' .. ARGV[1] then
    redis.call('DEL', KEYS[1])
end
redis.call('SET', KEYS[2], '', 'PX', ARGV[2])
return redis.status_reply('OK')
";

/// The scripts. A server that does not know one is sent it.
pub(super) struct Scripts {
    pub(super) claim: Script,
    pub(super) renew: Script,
    pub(super) commit: Script,
    pub(super) release: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            claim: Script::new(CLAIM),
            renew: Script::new(RENEW),
            commit: Script::new(COMMIT),
            release: Script::new(RELEASE),
        }
    }
}

impl fmt::Debug for Scripts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scripts")
    }
}
