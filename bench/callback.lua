-- For wrk: sends one signed callback again and again, and prints what came of it as JSON.
local folder = os.getenv "CALLBACK"

local function read(name)
    local file = assert(io.open(folder .. "/" .. name, "rb"))
    local text = file:read "*a"
    file:close()
    return text
end

wrk.method = "POST"
wrk.path = read "path"
wrk.body = read "body"
for name, value in read("headers"):gmatch "([^\n:]+): ([^\n]+)" do
    wrk.headers[name] = value
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        'RESULT {"requests": %d, "seconds": %.6f, "failed": %d, "p50": %d, "p99": %d, "p999": %d}\n',
        summary.requests, summary.duration / 1e6,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout,
        latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
