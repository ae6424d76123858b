import "@shopify/shopify-api/adapters/node";
import { ApiVersion, shopifyApi } from "@shopify/shopify-api";
import { BODY, headers, hmac, post, secret } from "../request.mjs";

const SECRET = "hush_8d6a1f0c9b";
const shopify = shopifyApi({
  apiKey: "key",
  apiSecretKey: SECRET,
  scopes: [],
  hostName: "shop.example",
  apiVersion: Object.values(ApiVersion)[0],
  isEmbeddedApp: false,
  logger: { level: 0 },
});

export default {
  provider: "Shopify",
  slug: "shopify",
  library: "@shopify/shopify-api",
  signs: null,
  verifies: "webhooks.validate",
  async requests() {
    return [
      post({
        id: "vendor-shopify",
        headers: [
          ["X-Shopify-Topic", "orders/paid"],
          ["X-Shopify-Shop-Domain", "shop.example"],
          ["X-Shopify-API-Version", "2023-10"],
          ["X-Shopify-Webhook-Id", "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"],
          ["X-Shopify-Hmac-Sha256", hmac("sha256", SECRET, BODY, "base64")],
        ],
        keys: secret(SECRET),
        content: BODY,
        signed: ["X-Shopify-Hmac-Sha256"],
      }),
    ];
  },
  async accepts(request) {
    const rawRequest = { method: request.method, url: request.target, headers: headers(request) };
    const rawBody = Buffer.from(request.body).toString();
    return (await shopify.webhooks.validate({ rawBody, rawRequest, rawResponse: {} })).valid;
  },
};
