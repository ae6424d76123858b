//! How much a callback can have tried.

use crate::attempt::{Attempt, Row, over};

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    let many = over("{body}").replace("X-Sign|unhex", "X-Sign|split:','|unhex");
    let rest = "00".repeat(28);
    let signed = |count: usize| {
        // All of them different.
        let macs: Vec<_> = (0..count).map(|nth| format!("{nth:08x}{rest}")).collect();
        Attempt::unsigned().header("X-Sign", macs.join(","))
    };
    let mut add = |input: &str, scheme: &str, attempt: &Attempt| {
        rows.push(Row::new(
            "signatures × keys × candidates",
            input,
            scheme,
            attempt,
        ));
    };
    add("32 signatures", &many, &signed(32));
    add("33 signatures", &many, &signed(33));
    add("10,000 signatures", &many, &signed(10_000));
    add("10,001 signatures", &many, &signed(10_001));
    let keys = |keys: usize, attempt: Attempt| Attempt { keys, ..attempt };
    add("8 signatures, 4 keys", &many, &keys(4, signed(8)));
    add("8 signatures, 5 keys", &many, &keys(5, signed(8)));
    let two = many.replace(
        "content = '''{body}'''",
        "content = [\"{body}\", \"{body}\\n\"]",
    );
    add(
        "4 signatures, 4 keys, 2 candidates",
        &two,
        &keys(4, signed(4)),
    );
    add(
        "4 signatures, 5 keys, 2 candidates",
        &two,
        &keys(5, signed(4)),
    );
    let each = over("{field:a}") + "each = \"/items/*\"\n";
    let items = |count: usize| {
        let items: Vec<_> = (0..count)
            .map(|nth| format!("{{\"a\":\"{nth}\"}}"))
            .collect();
        Attempt::new().json(format!("{{\"items\":[{}]}}", items.join(",")))
    };
    for (input, attempt) in [
        ("no item", items(0)),
        ("32 items", items(32)),
        ("33 items", items(33)),
        ("10,000 items", items(10_000)),
        ("not a list", Attempt::new().json("{\"items\":{}}")),
        ("no list", Attempt::new().json("{}")),
    ] {
        rows.push(Row::new("each", input, &each, &attempt));
    }
    let hex = over(&format!("{{body{}}}", "|hex".repeat(12)));
    for (input, length) in [("64 bytes", 64), ("64 KiB", 64 << 10)] {
        let attempt = Attempt::new().json("x".repeat(length));
        rows.push(Row::new("body|hex|hex|… (12 times)", input, &hex, &attempt));
    }
    rows
}
