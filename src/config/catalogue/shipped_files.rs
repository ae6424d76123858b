//! The files of `conf/schemes`, compiled in.

/// The schemes of one provider, as an operator would write them.
#[derive(Debug)]
pub struct ShippedFile {
    /// The name of the provider in the catalogue, and of the file without its ending.
    pub slug: &'static str,
    /// The text of the file.
    pub text: &'static str,
}

impl ShippedFile {
    /// The file that has a scheme with this name.
    #[must_use]
    pub fn with_scheme(name: &str) -> Option<&'static Self> {
        let named = FILES.binary_search_by(|file| file.slug.cmp(name));
        let named = named.ok().and_then(|at| FILES.get(at));
        named
            .filter(|file| file.has(name))
            .or_else(|| FILES.iter().find(|file| file.has(name)))
    }

    /// The names of its schemes. They stand right behind the headers of their tables, so that nothing is
    /// parsed to find one.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let lines = self.text.lines();
        let headed = lines.clone().zip(lines.skip(1));
        let headed = headed.filter(|(line, _)| *line == "[[scheme]]");
        headed.filter_map(|(_, next)| next.strip_prefix("name = \"")?.strip_suffix('"'))
    }

    fn has(&self, name: &str) -> bool {
        self.names().any(|other| other == name)
    }
}

macro_rules! shipped {
    ($($slug:literal)+) => {
        &[$(ShippedFile {
            slug: $slug,
            text: include_str!(concat!("../../../conf/schemes/", $slug, ".toml")),
        }),+]
    };
}

/// All of them, by slug.
pub static FILES: &[ShippedFile] = shipped! {
    "2checkout-ins" "a1lite" "adyen" "adyen-hpp" "adyen-platform" "airwallex" "alipay"
    "alipay-return" "alipay-service" "antom" "apple-app-store"
    "authorize-net" "authorize-net-sim" "aws-sns" "billplz" "billplz-redirect" "bitso" "box"
    "braintree" "btcpay" "calendly" "cashfree" "checkout-com" "checkout-finland" "cheezeepay"
    "circle" "citrus" "coinbase-commerce" "cryptapi" "cryptomus" "discord" "dotpay"
    "douyin-guarantee" "douyin-pay" "dropbox" "easypay-by" "ebay" "epay-dk" "fiuu"
    "flutterwave-v3" "fondy" "github" "gitlab-token" "globalpayments-gp-api"
    "gocardless" "hook0-v0" "hook0-v1" "hubspot-v1" "hubspot-v2" "hubspot-v3" "increase"
    "ipay88" "jsb-epay" "klarna-checkout-legacy" "lianlian" "line" "liqpay" "liqpay-xml"
    "lithic" "mailgun" "maksuturva" "mercadopago" "messagebird" "midtrans" "modern-treasury"
    "mollie" "moonpay" "moonpay-get" "mux" "nestpay-v3" "notion" "nowpayments" "nuvei"
    "onfido" "paddle" "pagerduty" "paydollar" "payermax" "payfast" "payfor" "paymob"
    "paymob-token" "paypal" "paytrail-legacy" "payu-gpo" "payu-india" "phonepe-v1"
    "phonepe-v2" "plaid" "platron" "przelewy24" "przelewy24-refund" "qenta" "qiwi" "quickpay"
    "rapyd" "razorpay" "razorpay-checkout" "razorpay-payment-link" "razorpay-subscription"
    "rbkmoney" "realex-hpp" "redsys" "revolut" "robokassa" "sanity" "sendgrid" "sgate" "shopify"
    "shopify-hosted-payments" "sinch" "skrill" "slack" "snap-bi" "sofort" "square"
    "standard-webhooks" "standard-webhooks-v1a" "stripe" "sumsub" "svix" "tbank" "tosla"
    "transak" "truelayer" "trustly" "twilio" "twilio-json" "unionpay" "unionpay-qra" "valitor"
    "vipps" "vnpay" "wayforpay" "webmoney" "webpay-by" "wechat-message-push" "wechatpay-v2"
    "wechatpay-v2-hmac" "wechatpay-v3" "wise" "wompi-co" "wompi-co-payouts" "worldline"
    "worldpay" "x-twitter" "xero" "zalopay" "zendesk" "zoom"
};
