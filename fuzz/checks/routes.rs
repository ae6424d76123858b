//! Any Host and path, under one configuration of many kinds of routes: the route that is found is that of a
//! simple rule, and whatever a careless backend makes of the path has the same one.

use std::sync::LazyLock;

use countersign::judge::Site;
use http::Method;

use super::setup;

/// Host, path, and whether that is a prefix; a route's name is its number.
const ROUTES: &[(&str, &str, bool)] = &[
    ("", "/", true),
    ("", "/cb/", true),
    ("", "/cb/deep/", true),
    ("", "/cb/pay", false),
    ("", "/cb/deep/pay.php", false),
    ("", "/open", true),
    ("a.example", "/cb/pay", false),
    ("a.example", "/cb/", true),
    ("*.example", "/wild/", true),
    ("*.b.example", "/cb/only", false),
    ("", "/cb/file/index.php", false),
    ("", "/cb/order.json", false),
];

static ROUTER: LazyLock<Site> = LazyLock::new(|| {
    let routes = ROUTES.iter().enumerate().map(|(nth, (host, path, prefix))| {
        let host = match *host {
            "" => String::new(),
            host => format!("host = {host:?}\n"),
        };
        let kind = if *prefix { "path_prefix" } else { "path" };
        format!("[[route]]\nname = \"{nth}\"\n{host}{kind} = {path:?}\nscheme = \"cheezeepay\"\nkeys = [\"k\"]\nupstream = \"echo\"\n")
    });
    setup::site(&routes.collect::<String>(), include_bytes!("constant.pub"))
});

/// Finds the route of `HOST\nPATH`.
pub fn check(text: &[u8]) {
    let Some((host, path)) = std::str::from_utf8(text)
        .ok()
        .and_then(|text| text.split_once('\n'))
    else {
        return;
    };
    // The start of a path and its end are for others to find.
    let path = format!("/{path}");
    if path.contains('?') {
        return;
    }
    let expected = simple(host, &path);
    let found = ROUTER.route_of(host, &path, &Method::POST);
    match found.map_err(|refusal| refusal.code()) {
        Ok(route) => {
            let nth: usize = route.name.parse().unwrap();
            assert_eq!(Some(nth), expected, "{path}");
            if ROUTES[nth].2 {
                for other in tidied(&path) {
                    assert!(!is_more_specific(host, &other, nth), "{path} {other}");
                }
            }
        }
        Err("route_not_found") => assert_eq!(expected, None, "{path}"),
        Err("target_ambiguous") => {
            let is_prefix = expected.is_some_and(|nth| ROUTES[nth].2);
            assert!(is_prefix, "{path}");
            let is_plain = path
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'/');
            let others = tidied(&path);
            let may = !is_plain
                || path.contains("//")
                || others
                    .iter()
                    .any(|other| is_more_specific(host, other, expected.unwrap()));
            assert!(may, "{path} is refused without a reason");
        }
        Err(code) => panic!("{code}"),
    }
}

fn bare_host(host: &str) -> String {
    let host = host.to_lowercase();
    let digits = host.len()
        - host
            .trim_end_matches(|digit: char| digit.is_ascii_digit())
            .len();
    let name = host[..host.len() - digits]
        .strip_suffix(':')
        .unwrap_or(&host);
    name.strip_suffix('.').unwrap_or(name).to_owned()
}

/// How specific a route's host is for a host; `None` if it is for others.
fn rank(pattern: &str, host: &str) -> Option<usize> {
    match pattern.strip_prefix('*') {
        _ if pattern.is_empty() => Some(0),
        Some(end) => (host.ends_with(end)).then_some(end.len()),
        None => (pattern == host).then_some(usize::MAX),
    }
}

/// The rule of docs/configuration.md, route by route.
fn simple(host: &str, path: &str) -> Option<usize> {
    let host = bare_host(host);
    let mut best = None;
    for (nth, (pattern, route, prefix)) in ROUTES.iter().enumerate() {
        let fits = if *prefix {
            path.starts_with(route)
        } else {
            path == *route
        };
        if let Some(rank) = rank(pattern, &host).filter(|_| fits) {
            best = best.max(Some((rank, !prefix, route.len(), nth)));
        }
    }
    best.map(|(.., nth)| nth)
}

/// Whether the longer path is what a backend could complete the shorter one to.
fn is_completed(longer: &str, shorter: &str) -> bool {
    let rest = longer.strip_prefix(shorter).unwrap_or_default();
    let file = rest.strip_prefix('/').unwrap_or_default();
    let is_script = rest == ".php" || rest == ".json";
    is_script || ["index.php", "index.html", "default.aspx"].contains(&file)
}

/// Whether two paths lead to one script: the second is the first's, or a path below it.
fn is_script_of(route: &str, path: &str) -> bool {
    let ends = path.match_indices('/').map(|(at, _)| &path[..at]);
    let is_one = |up: &str| {
        let is_script = |longer: &str, shorter: &str| longer.strip_prefix(shorter) == Some(".php");
        is_script(up, route) || is_script(route, up)
    };
    let is_document = path.strip_prefix(route) == Some(".json");
    is_document || is_one(path) || ends.into_iter().any(is_one)
}

/// Whether a backend that passes over letter case, a slash at the end, and what is behind a script's path
/// could take it for a more specific route's.
fn is_more_specific(host: &str, path: &str, than: usize) -> bool {
    let bare = |path: &str| path.trim_end_matches('/').to_ascii_lowercase();
    let (host, path) = (bare_host(host), bare(path));
    let own = &ROUTES[than];
    let own = (rank(own.0, &host), bare(own.1).len());
    ROUTES.iter().any(|(pattern, route, prefix)| {
        let route = bare(route);
        let fits = path.strip_prefix(&*route).is_some_and(|rest| {
            *prefix && route == "/open" || rest.is_empty() || rest.starts_with('/')
        });
        let fits = fits || !*prefix && (is_completed(&path, &route) || is_completed(&route, &path));
        let fits = fits || !route.is_empty() && is_script_of(&route, &path);
        fits && rank(pattern, &host).is_some() && (rank(pattern, &host), route.len()) > own
    })
}

/// What backends make of a path: decoded once or twice, without parameters, dots and empty segments
/// resolved, backslashes turned around; each after the other.
fn tidied(path: &str) -> Vec<String> {
    let steps: [fn(&str) -> String; 4] = [decoded, without_parameters, resolved, |path| {
        path.replace('\\', "/")
    }];
    let mut all = vec![path.to_owned()];
    let mut from = 0;
    for _ in 0..3 {
        let until = all.len();
        for at in from..until {
            for step in steps {
                let next = step(&all[at]);
                if !all.contains(&next) {
                    all.push(next);
                }
            }
        }
        from = until;
    }
    all
}

fn decoded(path: &str) -> String {
    let mut out = Vec::new();
    let mut rest = path.as_bytes();
    while let [first, behind @ ..] = rest {
        let code = behind
            .get(..2)
            .and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) if *first == b'%' => {
                out.push(byte);
                rest = &behind[2..];
            }
            _ => {
                out.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn without_parameters(path: &str) -> String {
    let segments = path
        .split('/')
        .map(|segment| segment.split(';').next().unwrap());
    segments.collect::<Vec<_>>().join("/")
}

fn resolved(path: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(out.pop()),
            other => out.push(other),
        }
    }
    format!(
        "/{}{}",
        out.join("/"),
        if path.ends_with('/') { "/" } else { "" }
    )
}
