-- CheezeePay's rule for flat bodies of strings, as somebody would write it with LuaJIT and OpenSSL.
local cjson = require "cjson.safe"
local ffi = require "ffi"

ffi.cdef [[
typedef struct evp_pkey_st EVP_PKEY;
typedef struct evp_md_ctx_st EVP_MD_CTX;
typedef struct evp_md_st EVP_MD;
EVP_PKEY *d2i_PUBKEY(EVP_PKEY **a, const unsigned char **pp, long length);
EVP_MD_CTX *EVP_MD_CTX_new(void);
int EVP_MD_CTX_reset(EVP_MD_CTX *ctx);
const EVP_MD *EVP_sha256(void);
int EVP_DigestVerifyInit(EVP_MD_CTX *ctx, void **pctx, const EVP_MD *type, void *e, EVP_PKEY *pkey);
int EVP_DigestVerify(EVP_MD_CTX *ctx, const char *sig, size_t siglen, const char *tbs, size_t tbslen);
]]
local crypto = ffi.load "crypto.so.3"

local file = assert(io.open(os.getenv "KEY_FILE"))
local der = ngx.decode_base64((file:read("*a"):gsub("%s", "")))
file:close()
local at = ffi.new("const unsigned char *[1]", ffi.cast("const unsigned char *", der))
local key = crypto.d2i_PUBKEY(nil, at, #der)
assert(key ~= nil, "the key cannot be read")
local context = crypto.EVP_MD_CTX_new()

local function genuine(content, signature)
    crypto.EVP_MD_CTX_reset(context)
    return crypto.EVP_DigestVerifyInit(context, nil, crypto.EVP_sha256(), nil, key) == 1
        and crypto.EVP_DigestVerify(context, signature, #signature, content, #content) == 1
end

local M = {}

function M.check()
    ngx.req.read_body()
    local fields = cjson.decode(ngx.req.get_body_data() or "")
    if not fields then
        return ngx.exit(400)
    end
    local names = {}
    for name, value in pairs(fields) do
        if name ~= "sign" and value ~= "" and value ~= cjson.null then
            names[#names + 1] = name
        end
    end
    table.sort(names)
    for i, name in ipairs(names) do
        names[i] = name .. "=" .. fields[name]
    end
    if not genuine(table.concat(names, "&"), ngx.decode_base64(fields.sign)) then
        return ngx.exit(400)
    end
end

return M
