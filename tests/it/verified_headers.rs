//! The headers that backends trust come from the proxy alone.

use serde_json::Value;

use crate::support::http2::Http2;
use crate::support::signer::Signer;
use crate::support::{Callback, Client, Origin, Proxy, Received, Setup};

const ROUTE: &str = r#"
name = "sgate"
path = "/cb"
fields = { "X-Order-No" = "/data/orderNo", "X-Amount" = "/data/amount", "X-Name" = "/data/name",
           "X-First" = "/data/list/0", "X-Whole" = "/data/list", "X-None" = "/data/none",
           "X-Null" = "/data/null", "X-Empty" = "/data/empty", "X-Flag" = "/data/flag" }
"#;

const BODY: &str = concat!(
    r#"{"event":"SALARY_STATUS_CHANGE","data":{"orderNo":"A 1","amount":12.50,"#,
    r#""name":" 50% 客\r\nX-Evil: 1","list":["x",2],"null":null,"empty":"","flag":false},"time":7}"#
);

fn start(origin: &Origin) -> Proxy {
    Setup::new().sgate(ROUTE).http2().origin(origin).start()
}

fn callback() -> Callback {
    Signer::get().sgate("/cb", BODY)
}

/// The headers whose names have this prefix.
fn beginning<'r>(received: &'r Received, prefix: &str) -> Vec<(&'r str, &'r str)> {
    received
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, _)| name.to_lowercase().starts_with(prefix))
        .collect()
}

#[test]
fn verified_headers_say_what_was_verified() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let callback = callback();
    let answer = callback.send(&proxy);
    assert_eq!(answer.status, 200);

    let received = origin.request();
    let at = received.header("X-Verified-At").unwrap();
    let timestamp = callback.value("V-Timestamp");
    let elapsed = at.parse::<i64>().unwrap() - timestamp.parse::<i64>().unwrap();
    assert!((0..=60).contains(&elapsed), "{elapsed}");
    assert_eq!(
        beginning(&received, "x-verified-"),
        [
            ("X-Verified-Scheme", "sgate"),
            ("X-Verified-Key", "signer"),
            ("X-Verified-Route", "sgate"),
            ("X-Verified-At", at),
            ("X-Verified-Covers", "method, target, headers, body"),
            ("X-Verified-Means", "signature"),
            ("X-Verified-Timestamp", timestamp),
            ("X-Verified-Nonce", "a-nonce"),
            ("X-Verified-Event", "SALARY_STATUS_CHANGE"),
        ]
    );
    for (name, value) in [
        ("X-Order-No", Some("A 1")),
        ("X-Amount", Some("12.50")),
        ("X-Name", Some("%2050%25 %E5%AE%A2%0D%0AX-Evil: 1")),
        ("X-First", Some("x")),
        ("X-Whole", Some(r#"["x",2]"#)),
        ("X-Flag", Some("false")),
        ("X-None", None),
        ("X-Null", None),
        ("X-Empty", None),
        ("X-Evil", None),
        ("X-Forwarded-For", Some("127.0.0.1")),
        ("X-Forwarded-Proto", Some("http")),
        ("X-Forwarded-Host", Some("pay.example")),
        ("Host", Some("pay.example")),
    ] {
        assert_eq!(received.header(name), value, "{name}");
    }
    let id = received.header("X-Request-Id").unwrap();
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_eq!(proxy.access()["id"], id);
}

#[test]
fn cheezeepay_callbacks_have_no_timestamp_nonce_or_event_header() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .top("header_prefix = \"X-Acme-\"")
        .cheezeepay(
            "name = \"pay-in\"\npath = \"/cb\"\nfields = { \"X-Order-No\" = \"mchOrderNo\" }",
        )
        .origin(&origin)
        .start();
    let fields = [("amount", "800"), ("mchOrderNo", "\"C1\"")];
    let answer = Signer::get().cheezeepay("/cb", &fields).send(&proxy);
    assert_eq!(answer.status, 200);
    let received = origin.request();
    let names: Vec<_> = beginning(&received, "x-acme-")
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        names,
        [
            "X-Acme-Scheme",
            "X-Acme-Key",
            "X-Acme-Route",
            "X-Acme-At",
            "X-Acme-Covers",
            "X-Acme-Means"
        ]
    );
    assert_eq!(received.header("X-Order-No"), Some("C1"));
}

/// Spellings with which a client could imitate one of the proxy's headers.
const SPELLINGS: &[&str] = &[
    "X-Verified-Scheme",
    "x-verified-scheme",
    "X_Verified_Scheme",
    "x_verified-scheme",
    "X-VERIFIED_SCHEME",
    "X.Verified.Scheme",
    "X-Verified.Scheme",
    "X~Verified!Scheme",
    "X-Verified-Anything",
    "X-Verified-",
    "X_Verified_Key",
    "X-Verified-Covers",
    "x_verified_means",
    "X-Order-No",
    "x_order_no",
    "X.Order.No",
    "X-Request-Id",
    "X_Request_Id",
    "X-Forwarded-For",
    "X_Forwarded_For",
    "X-Forwarded-Proto",
    "X-Forwarded_Host",
];

#[test]
fn verified_headers_of_a_client_are_removed() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let mut client = Client::connect(proxy.address);
    for (nth, spelling) in SPELLINGS.iter().enumerate() {
        client.send(&callback().header(spelling, "forged").with_length());
        assert_eq!(client.response().status, 200, "{spelling}");
        let received = origin.requests(nth + 1).pop().unwrap();
        let forged = received
            .headers
            .iter()
            .find(|(_, value)| value.contains("forged"));
        assert_eq!(forged, None, "{spelling}");
    }
    // All of them in one request, each of them twice.
    let all = SPELLINGS.iter().chain(SPELLINGS);
    let callback = all.fold(callback(), |callback, name| callback.header(name, "forged"));
    assert_eq!(callback.send(&proxy).status, 200);
    let received = origin.requests(SPELLINGS.len() + 1).pop().unwrap();
    assert!(
        !received
            .headers
            .iter()
            .any(|(_, value)| value.contains("forged"))
    );
}

#[test]
fn verified_headers_of_an_http2_client_are_removed() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let lower = SPELLINGS.iter().map(|name| name.to_lowercase());
    let callback = lower.fold(callback(), |callback, name| {
        callback.header(&name, "forged")
    });
    let answer = Http2::connect(proxy.address).send(&callback, 1000, true);
    assert_eq!(answer.status, 200);
    let received = origin.request();
    assert!(
        !received
            .headers
            .iter()
            .any(|(_, value)| value.contains("forged"))
    );
    assert_eq!(received.header("X-Verified-Scheme"), Some("sgate"));
    assert_eq!(received.header("Host"), Some("pay.example"));
    assert_eq!(received.header("X-Forwarded-Host"), Some("pay.example"));
}

/// Headers in which proxies say where a request came from.
const FORWARDING: &[&str] = &[
    "Forwarded",
    "X-Real-IP",
    "x.real.ip",
    "X-Forwarded-Prefix",
    "X_Forwarded_Port",
    "True-Client-IP",
    "CF-Connecting-IP",
    "WL-Proxy-Client-IP",
    "Proxy-Client-IP",
    "HTTP_CLIENT_IP",
    "HTTP_X_FORWARDED_FOR",
    "X-Original-Forwarded-For",
    "X-Original-URI",
    "X-Forwarded",
    "Client-Cert",
    "SSL_CLIENT_VERIFY",
    "X-SSL-Client-DN",
    "X-ARR-SSL",
    "X-Azure-ClientIP",
    "CloudFront-Viewer-Address",
    "CF-IPCountry",
    "Fastly-SSL",
    "X-Envoy-External-Address",
    "Early-Data",
];

/// Headers with which a client could make a backend act on something that was not verified. A front
/// proxy that does not know them passes them on.
const OVERRIDES: &[&str] = &[
    "X-HTTP-Method-Override",
    "x_http_method_override",
    "X-Method-Override",
    "X-Original-URL",
    "X_Rewrite_URL",
    "X_Remote_User",
    "X-Auth-Request-Email",
    "X-Host",
    "X-Middleware-Subrequest",
    "Proxy",
    "SCRIPT_NAME",
    "Script-Name",
    "PATH_INFO",
    "X-Script-Name",
    "wsgi.url_scheme",
    "REDIRECT_STATUS",
    "X-Envoy-Retry-On",
    "X-Envoy-Original-Dst-Host",
    "l5d-dst-override",
    "X-Accel-Redirect",
    "X-Sendfile-Type",
    "Range",
    "If-None-Match",
    "If-Match",
    "If-Unmodified-Since",
    "Prefer",
    "Content-Range",
    "X-MS-CLIENT-PRINCIPAL-NAME",
    "X-Amzn-Oidc-Data",
    "X-Goog-Authenticated-User-Email",
    "CF-Access-Authenticated-User-Email",
    "X-Consumer-Username",
    "Remote-Groups",
    "SM_USER",
    "$WSRU",
    "spring.cloud.function.routing-expression",
];

/// Sends all of these headers; returns the names of those that arrive.
fn steered(setup: Setup, names: &[&str]) -> Vec<String> {
    let origin = Origin::start();
    let proxy = setup.sgate(ROUTE).origin(&origin).start();
    let callback = names.iter().fold(callback(), |callback, name| {
        callback.header(name, "steered")
    });
    assert_eq!(callback.send(&proxy).status, 200);
    let headers = origin.request().headers;
    let steered = headers.into_iter().filter(|(_, value)| value == "steered");
    steered.map(|(name, _)| name).collect()
}

#[test]
fn headers_about_the_origin_are_accepted_from_trusted_proxies_only() {
    assert_eq!(steered(Setup::new(), FORWARDING), [""; 0]);
    let trusting = Setup::new().top("trusted_proxies = [\"127.0.0.1\"]");
    assert_eq!(steered(trusting, FORWARDING), FORWARDING);
}

#[test]
fn headers_that_steer_a_backend_are_always_removed() {
    assert_eq!(steered(Setup::new(), OVERRIDES), [""; 0]);
    let trusting = Setup::new().top("trusted_proxies = [\"127.0.0.1\"]");
    assert_eq!(steered(trusting, OVERRIDES), [""; 0]);
}

#[test]
fn a_custom_client_address_header_is_accepted_from_trusted_proxies_only() {
    let name = "client_ip_header = \"Ali-CDN-Real-IP\"\n";
    let spellings = &["Ali-CDN-Real-IP", "ali_cdn_real_ip"];
    assert_eq!(steered(Setup::new().top(name), spellings), [""; 0]);
    let trusting = format!("{name}trusted_proxies = [\"10.0.0.1\"]");
    assert_eq!(steered(Setup::new().top(&trusting), spellings), [""; 0]);
    let trusting = format!("{name}trusted_proxies = [\"127.0.0.1\"]");
    assert_eq!(steered(Setup::new().top(&trusting), spellings), spellings);
}

#[test]
fn split_http2_cookies_are_joined() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let callback = callback().header("cookie", "a=1").header("cookie", "b=2");
    assert_eq!(
        Http2::connect(proxy.address)
            .send(&callback, 1000, true)
            .status,
        200
    );
    assert_eq!(origin.request().header("Cookie"), Some("a=1; b=2"));
}

#[test]
fn connection_cannot_strip_verified_headers_and_removes_the_options_it_names() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let callback = callback();
    let answer = callback
        .clone()
        .header(
            "Connection",
            "X-Verified-Scheme, x-request-id, X-Secret, content-type",
        )
        .header("connection", "X-Order-No,,V-Api-Version, x_forwarded_for")
        .header(
            "connection",
            "V-Api-Key, v_signature,V-Nonce-Str , V-Timestamp, host, Content-Length",
        )
        .header("X-Secret", "for this hop")
        .header("X_Secret", "the same to a CGI")
        .header("Keep-Alive", "timeout=5")
        .header("Proxy-Authorization", "Basic Zm9v")
        .header("TE", "trailers")
        .header("X-Kept", "for the backend")
        .send(&proxy);
    assert_eq!(answer.status, 200);
    let received = origin.request();
    for gone in [
        "Connection",
        "X-Secret",
        "X_Secret",
        "V-Api-Version",
        "Keep-Alive",
        "Proxy-Authorization",
        "TE",
    ] {
        assert_eq!(received.header(gone), None, "{gone}");
    }
    assert_eq!(received.header("X-Verified-Scheme"), Some("sgate"));
    assert_eq!(received.header("X-Order-No"), Some("A 1"));
    assert_eq!(received.header("X-Forwarded-For"), Some("127.0.0.1"));
    assert!(received.header("X-Request-Id").is_some());
    assert_eq!(received.header("X-Kept"), Some("for the backend"));
    // Headers that were read for verification are forwarded unchanged.
    for name in [
        "Content-Type",
        "V-Api-Key",
        "V-Signature",
        "V-Nonce-Str",
        "V-Timestamp",
    ] {
        assert_eq!(received.header(name), Some(callback.value(name)), "{name}");
    }
    assert_eq!(received.header("Host"), Some("pay.example"));
    assert_eq!(received.body, BODY.as_bytes());
}

#[test]
fn connection_cannot_strip_headers_of_a_trusted_proxy() {
    let origin = Origin::start();
    let top = "trusted_proxies = [\"127.0.0.1\"]\nclient_ip_header = \"Ali-CDN-Real-IP\"";
    let proxy = Setup::new().top(top).sgate(ROUTE).origin(&origin).start();
    let answer = callback()
        .header("Connection", "close, X-Real-IP, Ali-CDN-Real-IP, Forwarded")
        .header("X-Real-IP", "198.51.100.1")
        .header("Ali-CDN-Real-IP", "198.51.100.1")
        .header("Forwarded", "for=198.51.100.1")
        .send(&proxy);
    assert_eq!(answer.status, 200);
    let received = origin.request();
    for name in ["X-Real-IP", "Ali-CDN-Real-IP", "Forwarded"] {
        assert!(received.header(name).is_some(), "{name}");
    }
}

/// SGate's headers in spellings that CGI, WSGI or PHP treat as the same name.
const SECOND_SPELLINGS: &[&str] = &[
    "V_Api_Key",
    "v.api.key",
    "V-Api_Key",
    "V_Timestamp",
    "V~Nonce!Str",
    "v_nonce_str",
    "V_Signature",
    "V.Signature",
];

#[test]
fn headers_read_for_verification_have_no_second_spelling() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let http2 = Http2::connect(proxy.address);
    for spelling in SECOND_SPELLINGS {
        for value in ["other", callback().value("V-Api-Key")] {
            let doubled = callback().header(&spelling.to_lowercase(), value);
            let answers = [
                doubled.send(&proxy).json(),
                serde_json::from_slice(&http2.send(&doubled, 1000, true).body).unwrap(),
            ];
            for answer in answers {
                assert_eq!(answer["reason"], "header_repeated", "{spelling}: {answer}");
                let at = format!("header:{}", spelling.to_lowercase());
                assert_eq!(proxy.access()["at"], at);
            }
        }
        // Alone, the spelling does not count as the header that the scheme reads.
        let name = ["V-Api-Key", "V-Timestamp", "V-Nonce-Str", "V-Signature"]
            .into_iter()
            .find(|name| {
                name.len() == spelling.len() && name[2..5].eq_ignore_ascii_case(&spelling[2..5])
            })
            .unwrap();
        let value = callback().value(name).to_owned();
        let alone = callback().with(name, None).header(spelling, value);
        let answer = alone.send(&proxy).json();
        let reason = answer["reason"].as_str().unwrap();
        assert!(reason.ends_with("_missing"), "{spelling}: {answer}");
        proxy.access();
    }
    assert_eq!(origin.connections(), 0);
    // A header with another name is unaffected.
    let answer = callback()
        .header("V_Api_Keys", "x")
        .header("V_Api_Version", "2");
    assert_eq!(answer.send(&proxy).status, 200);
}

#[test]
fn headers_that_select_a_key_have_no_second_spelling() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .route(
            "name = \"cheezeepay\"\npath = \"/cb\"\nscheme = \"cheezeepay\"\nexpose_reason = true\n\
             keys = { \"M1\" = \"signer\" }\nkey_header = \"X_Merchant\"",
        )
        .origin(&origin)
        .start();
    let callback = Signer::get().cheezeepay("/cb", &[("mchOrderNo", "\"C1\"")]);
    let picked = callback.header("X_Merchant", "M1");
    let doubled = picked.clone().header("X-Merchant", "M2");
    assert_eq!(doubled.send(&proxy).json()["reason"], "header_repeated");
    assert_eq!(picked.send(&proxy).status, 200);
    assert_eq!(origin.request().header("X_Merchant"), Some("M1"));
}

/// Sends a callback with these headers over HTTP/1.1 and HTTP/2. The route forwards only those in
/// `list`. Returns what the backend received.
fn listed(setup: Setup, list: &str, names: &[&str]) -> (Received, Received) {
    let origin = Origin::start();
    let route = format!("{ROUTE}forward_headers = {list}");
    let proxy = setup.sgate(&route).http2().origin(&origin).start();
    let callback = names.iter().fold(callback(), |callback, name| {
        callback.header(&name.to_lowercase(), "sent")
    });
    assert_eq!(callback.send(&proxy).status, 200);
    let http2 = Http2::connect(proxy.address);
    assert_eq!(http2.send(&callback, 1000, true).status, 200);
    let mut received = origin.requests(2);
    (received.remove(0), received.remove(0))
}

/// The lower-case names of the headers, sorted.
fn names(received: &Received) -> Vec<String> {
    let mut names: Vec<String> = received
        .headers
        .iter()
        .map(|(name, _)| name.to_lowercase())
        .filter(|name| !name.starts_with("x-verified-"))
        .collect();
    names.sort();
    names
}

#[test]
fn only_listed_read_and_verified_headers_arrive_with_forward_headers() {
    let sent = [
        "Accept",
        "Accept_",
        "X-Secret",
        "X_Listed",
        "X-Listed",
        "Cookie",
        "SOAPAction",
        "Content_Language",
    ];
    let (http1, http2) = listed(
        Setup::new(),
        "[\"Accept\", \"X-Listed\", \"X-Real-IP\"]",
        &sent,
    );
    let expected = [
        "accept",
        "content-length",
        "content-type",
        "host",
        "v-api-key",
        "v-nonce-str",
        "v-signature",
        "v-timestamp",
        "x-amount",
        "x-first",
        "x-flag",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-listed",
        "x-name",
        "x-order-no",
        "x-request-id",
        "x-whole",
    ];
    assert_eq!(names(&http1), expected);
    assert_eq!(names(&http2), expected);
    assert_eq!(http1.header("Content-Type"), Some("application/json"));
    let (http1, _) = listed(Setup::new(), "[]", &sent);
    assert_eq!(http1.header("V-Signature").map(str::len), Some(344));
    assert_eq!(http1.header("Accept"), None);
}

#[test]
fn listed_headers_are_still_accepted_only_from_those_who_may_send_them() {
    let list = "[\"X-Real-IP\"]";
    let sent = ["X-Real-IP", "X-Client-IP"];
    let (stranger, _) = listed(Setup::new(), list, &sent);
    assert_eq!(stranger.header("X-Real-IP"), None);
    let trusting = Setup::new().top("trusted_proxies = [\"127.0.0.1\"]");
    let (trusted, _) = listed(trusting, list, &sent);
    assert_eq!(trusted.header("X-Real-IP"), Some("sent"));
    assert_eq!(trusted.header("X-Client-IP"), None);
}

#[test]
fn all_other_headers_arrive_unchanged() {
    // The echo shows the value, even if it is not UTF-8.
    let proxy = Setup::new()
        .sgate(&format!("{ROUTE}upstream = \"echo\""))
        .start();
    let callback = callback()
        .header("accept", "*/*")
        .header("X-CuStOm", "a,  b;\tc")
        .header("Cookie", "a=1")
        .header("cookie", "b=2")
        .header("X-Latin", [b'\xe9'])
        .header("X-Nothing", "")
        .header("Authorization", "Bearer x");
    let shown = callback.send(&proxy).json();
    let lines = shown["headers"].as_array().unwrap();
    let place = lines.iter().position(|line| line[0] == "accept").unwrap();
    let kept: Vec<(&str, &str)> = lines[place..place + 7]
        .iter()
        .map(|line| (line[0].as_str().unwrap(), line[1].as_str().unwrap()))
        .collect();
    assert_eq!(
        kept,
        [
            ("accept", "*/*"),
            ("X-CuStOm", "a,  b;\tc"),
            ("Cookie", "a=1"),
            ("cookie", "b=2"),
            ("X-Latin", "\\xE9"),
            ("X-Nothing", ""),
            ("Authorization", "Bearer x"),
        ]
    );
    assert_eq!(shown["method"], "POST");
    assert_eq!(shown["target"], "/cb");
    assert_eq!(shown["body"], Value::from(BODY));
}

#[test]
fn fields_too_long_for_a_header_are_refused() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let body = |length: usize| format!(r#"{{"data":{{"orderNo":"{}"}}}}"#, "x".repeat(length));
    let answer = Signer::get().sgate("/cb", body(4096)).send(&proxy);
    assert_eq!(answer.status, 200);
    let answer = Signer::get().sgate("/cb", body(4097)).send(&proxy);
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["reason"], "field_too_long");
    assert_eq!(origin.request().header("X-Order-No").unwrap().len(), 4096);
    proxy.access();
    let line = proxy.access();
    assert_eq!(line["verdict"], "verified");
    assert_eq!(line["at"], "field:/data/orderNo");
}
