-- The raw body against a signature in a header: less work than either provider's rule, for Envoy's
-- Lua has no JSON reader.
local der = "@DER@"

local function bytes(hex)
  return (hex:gsub("..", function(pair) return string.char(tonumber(pair, 16)) end))
end

function envoy_on_request(handle)
  local body = handle:body()
  local text = body and body:getBytes(0, body:length()) or ""
  -- Made anew each time: Envoy ties it to this stretch of this request.
  local key = handle:importPublicKey(der, #der):get()
  local signature = bytes(handle:headers():get("x-signature-hex") or "")
  if not handle:verifySignature("sha256", key, signature, #signature, text, #text) then
    handle:respond({ [":status"] = "400" }, "")
  end
end
