//! The pages about providers, written from the catalogue. `UPDATE_DOCS=1` writes them again.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use countersign::config::catalogue::FILES;
use countersign::config::{Evidence, ShippedScheme};
use countersign::verify::language::HandshakeDefinition;
use serde_json::Value;

use super::SCHEMES;
use super::catalogue_files::{requests_for, signed_requests, tampered_requests};
use super::route_to_copy::RouteToCopy;

const OVERVIEW: &str = "docs/providers.md";

/// The pages: file, heading, and how the regions on them begin. A region that says "worldwide" anywhere is on
/// the first page.
const PAGES: [(&str, &str, &[&str]); 9] = [
    ("worldwide", "Worldwide", &["worldwide", "not known"]),
    (
        "americas",
        "Americas",
        &["USA", "Mexico", "Colombia", "Latin"],
    ),
    (
        "europe",
        "Europe",
        &[
            "Europe", "UK", "Poland", "Finland", "Denmark", "Sweden", "Spain", "Nordics",
            "Iceland", "Ireland", "Germany", "Austria",
        ],
    ),
    (
        "eastern-europe",
        "Eastern Europe",
        &["Russia", "Ukraine", "Belarus"],
    ),
    ("turkey", "Turkey", &["Turkey"]),
    ("china", "China", &["China"]),
    ("india", "India", &["India"]),
    (
        "asia-pacific",
        "Asia and the Pacific",
        &[
            "Malaysia",
            "Vietnam",
            "Indonesia",
            "Japan",
            "Hong Kong",
            "Asia",
        ],
    ),
    (
        "africa-middle-east",
        "Africa and the Middle East",
        &["Egypt", "Gulf", "South Africa", "Nigeria", "Africa"],
    ),
];

fn page_of(scheme: &ShippedScheme) -> &'static str {
    let region = scheme.about.text("region").unwrap();
    if region.contains("worldwide") {
        return "worldwide";
    }
    // "Indonesia" begins like "India" only at first sight.
    let first = region.split(',').next().unwrap();
    let mut pages = PAGES.iter();
    let page = pages.find(|(_, _, regions)| {
        let mut regions = regions.iter();
        regions.any(|one| first == *one || first.starts_with(&format!("{one} ")))
    });
    page.unwrap_or_else(|| panic!("on which page is {region}?"))
        .0
}

/// Text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// Code in a cell of a table.
fn code(text: &str) -> String {
    let text = cell(
        &text
            .escape_debug()
            .to_string()
            .replace("\\\"", "\"")
            .replace("\\'", "'"),
    );
    format!("`{text}`")
}

/// Who signed the requests, the best first.
fn evidence(scheme: &ShippedScheme, requests: &[Value]) -> String {
    let name = &scheme.scheme.name;
    let mut counts: BTreeMap<Evidence, usize> = BTreeMap::new();
    for request in requests_for(requests, scheme.file.slug, name) {
        let mut all = Evidence::ALL.into_iter();
        let kind = all.find(|one| request["kind"] == one.code()).unwrap();
        *counts.entry(kind).or_default() += 1;
    }
    let requests = |count: usize| match count {
        1 => "1 request".to_owned(),
        count => format!("{count} requests"),
    };
    let counted = counts.iter();
    let counted = counted.map(|(kind, count)| format!("`{}`: {}", kind.code(), requests(*count)));
    let counted = counted.collect::<Vec<_>>().join(", ");
    match scheme.about.evidence.unwrap() {
        Evidence::None => "**none**: there was no signed request".to_owned(),
        Evidence::Derived => format!("**derived only**: {}", requests(counts.into_values().sum())),
        _ => counted,
    }
}

fn signed(scheme: &ShippedScheme) -> String {
    let definition = scheme.scheme.definition();
    let texts = match &definition.payload {
        Some(payload) => std::slice::from_ref(payload),
        None => definition.content.as_slice(),
    };
    match texts {
        [] if definition.signature.len() == 1 && definition.content.is_empty() => {
            match scheme.scheme.rules().coverage().means().code() {
                "token" => "nothing".to_owned(),
                _ => "the token (JWS), with the claims in it".to_owned(),
            }
        }
        texts => {
            let texts: Vec<_> = texts.iter().map(|text| code(text)).collect();
            texts.join(" or ")
        }
    }
}

fn section(scheme: &ShippedScheme, requests: &[Value]) -> String {
    let (name, about, rules) = (&scheme.scheme.name, &scheme.about, &scheme.scheme);
    let definition = rules.definition();
    let text = |key: &str| cell(about.text(key).unwrap_or_default());
    let coverage = rules.rules().coverage();
    let covers = coverage.covers_words().into_iter();
    let covers: Vec<&str> = covers.map(|part| part.code()).collect();
    let covers = match covers.as_slice() {
        [] => "nothing".to_owned(),
        covers => covers.join(", "),
    };
    let algorithms = scheme.algorithms().into_iter();
    let algorithms: Vec<_> = algorithms.map(code).collect();
    let in_part = coverage.partly_signed().iter();
    let in_part = in_part.map(|part| cell(&part.to_string()));
    let not_covered = coverage.not_covered().into_iter().map(|part| cell(&part));
    let not_covered: Vec<_> = not_covered.chain(in_part).collect();
    let mut rows = vec![
        ("callbacks", text("transport")),
        (
            "made by",
            format!("{} ({})", algorithms.join(", "), coverage.means().code()),
        ),
        ("signed", signed(scheme)),
        ("covers", covers),
        ("**not covered**", not_covered.join("; ")),
        ("time", text("time")),
        (
            "answer",
            with_key(
                text("acknowledgement"),
                definition.acknowledge.is_some(),
                "acknowledge",
            ),
        ),
        ("repeats", text("retries")),
        (
            "handshake",
            with_handshake(text("handshake"), &definition.handshakes),
        ),
        ("traps", text("traps")),
        ("evidence", evidence(scheme, requests)),
        ("source", text("source")),
    ];
    if rules.ambiguous_join {
        let joined = "values touch: the backend is told with `X-Verified-Ambiguous`".to_owned();
        rows.insert(5, ("ambiguous", joined));
    }
    let mut out = format!(
        "## `{name}`\n\n{}: {}. [{slug}.toml](../../conf/schemes/{slug}.toml)\n\n| | |\n|---|---|\n",
        text("provider"),
        text("title"),
        slug = scheme.file.slug,
    );
    for (key, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        writeln!(out, "| {key} | {value} |").unwrap();
    }
    let written = RouteToCopy::of(scheme).written();
    write!(out, "\n```toml\n{}\n{}```\n", written.keys, written.route).unwrap();
    out
}

fn page(page: &str, heading: &str, requests: &[Value]) -> String {
    let mut out = format!(
        "# Providers: {heading}\n\nWhat the rows say: [providers.md](../providers.md#the-rows). A test writes this \
         page from [conf/schemes](../../conf/schemes).\n"
    );
    for scheme in SCHEMES.iter().filter(|scheme| page_of(scheme) == page) {
        write!(out, "\n{}", section(scheme, requests)).unwrap();
    }
    out
}

fn overview() -> String {
    let mut out = "| scheme | provider | made by | callbacks | evidence |\n|---|---|---|---|---|\n"
        .to_owned();
    for scheme in SCHEMES.iter() {
        let name = &scheme.scheme.name;
        let algorithms = scheme.algorithms().into_iter();
        let algorithms: Vec<_> = algorithms.map(code).collect();
        let evidence = match scheme.about.evidence.unwrap() {
            Evidence::Derived => "derived only",
            evidence => evidence.code(),
        };
        writeln!(
            out,
            "| [`{name}`](providers/{}.md#{name}) | {}: {} | {} | {} | {evidence} |",
            page_of(scheme),
            cell(scheme.about.text("provider").unwrap()),
            cell(scheme.about.text("title").unwrap()),
            algorithms.join(", "),
            cell(scheme.about.text("transport").unwrap()),
        )
        .unwrap();
    }
    out
}

fn totals(requests: &[Value]) -> String {
    let tampered = tampered_requests();
    let is_shipped = |request: &&Value| FILES.iter().any(|file| request["slug"] == file.slug);
    let mut out = "| | schemes | signed requests that must be taken |\n|---|---|---|\n".to_owned();
    let shipped: Vec<_> = requests.iter().filter(is_shipped).collect();
    for kind in Evidence::ALL {
        let schemes = SCHEMES.iter();
        let schemes = schemes.filter(|scheme| scheme.about.evidence == Some(kind));
        let of_kind = shipped
            .iter()
            .filter(|request| request["kind"] == kind.code());
        let (schemes, of_kind) = (schemes.count(), of_kind.count());
        writeln!(out, "| `{}` | {schemes} | {of_kind} |", kind.code()).unwrap();
    }
    let (schemes, taken) = (SCHEMES.len(), shipped.len());
    writeln!(
        out,
        "| **all** | **{schemes}**, in {} files | **{taken}** |",
        FILES.len()
    )
    .unwrap();
    let refused = tampered.iter().filter(is_shipped).count();
    writeln!(out, "\nRequests that must be refused: {refused}.").unwrap();
    out
}

/// The page with this text between the marks `<!-- name -->` and `<!-- end -->`.
fn with_block(page: &str, name: &str, text: &str) -> String {
    let mark = format!("<!-- {name} -->\n");
    let (before, rest) = page.split_once(&mark).unwrap();
    let (_, after) = rest.split_once("<!-- end -->\n").unwrap();
    format!("{before}{mark}{text}<!-- end -->\n{after}")
}

#[test]
fn the_pages_say_what_the_catalogue_says() {
    let requests = signed_requests();
    let mut pages: BTreeMap<String, String> = BTreeMap::new();
    for (name, heading, _) in PAGES {
        let text = page(name, heading, &requests);
        pages.insert(format!("docs/providers/{name}.md"), text);
    }
    let page = fs::read_to_string(OVERVIEW).unwrap();
    let page = with_block(&page, "totals", &totals(&requests));
    let page = with_block(&page, "schemes", &overview());
    pages.insert(OVERVIEW.to_owned(), page);
    for (file, text) in &pages {
        if std::env::var_os("UPDATE_DOCS").is_some() {
            fs::write(file, text).unwrap();
        }
        let there = fs::read_to_string(file).unwrap_or_default();
        assert!(
            there == *text,
            "{file}: run the tests once with UPDATE_DOCS=1"
        );
    }
    let folder = fs::read_dir("docs/providers").unwrap();
    for file in folder.map(|file| file.unwrap().path()) {
        let known = pages.keys().any(|page| Path::new(page) == file);
        assert!(known, "{}: no such page", file.display());
    }
}

/// Nobody looks for a provider among those left out that is there.
#[test]
fn what_is_left_out_is_not_in_the_catalogue() {
    let page = fs::read_to_string(OVERVIEW).unwrap();
    let left_out = page.split("## Left out").nth(1).unwrap();
    let rows = left_out.lines().filter_map(|line| line.strip_prefix("| `"));
    let slugs: Vec<&str> = rows.filter_map(|row| row.split('`').next()).collect();
    assert!(slugs.len() > 50, "{}", slugs.len());
    for slug in slugs {
        assert!(FILES.iter().all(|file| file.slug != slug), "{slug}");
    }
}

/// What is known of an answer, and whether the scheme has it.
fn with_key(text: String, has_key: bool, key: &str) -> String {
    match has_key {
        true => format!("{text} (`{key} = \"scheme\"`)"),
        false => text,
    }
}

/// What is known of a handshake, and what becomes of it.
fn with_handshake(text: String, handshakes: &[HandshakeDefinition]) -> String {
    let is_answered = |handshake: &HandshakeDefinition| handshake.answer.is_some();
    match handshakes {
        [] => text,
        some if some.iter().all(is_answered) => format!("{text}. **Answered by the proxy**"),
        _ => format!("{text}. **By hand**: [Handshakes](../schemes.md#handshakes)"),
    }
}
