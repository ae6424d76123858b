//! Splits JSON text that is known to be valid into tokens, independently of the library's reader.

/// One token as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'a>(pub(crate) &'a str);

impl Token<'_> {
    /// The text of a string without escapes; any other token unchanged.
    pub(crate) fn decoded(&self) -> String {
        if self.0.starts_with('"') {
            // The leading quote distinguishes strings from other tokens.
            format!("\"{}", serde_json::from_str::<String>(self.0).unwrap())
        } else {
            self.0.to_owned()
        }
    }

    /// The value of a number; any other token unchanged.
    pub(crate) fn value(&self) -> String {
        // Integers have no negative zero, but doubles do.
        let whole = self.0.parse::<i128>().map(|number| number.to_string());
        let double = self.0.parse::<f64>().map(|number| format!("{number:?}"));
        whole.or(double).unwrap_or_else(|_| self.0.to_owned())
    }
}

/// All tokens of a text.
pub(crate) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.bytes().next() {
        let length = match first {
            b'{' | b'}' | b'[' | b']' | b':' | b',' => 1,
            b'"' => string_length(rest),
            _ => rest
                .find(|c: char| ",]}: \t\r\n".contains(c))
                .unwrap_or(rest.len()),
        };
        let (token, tail) = rest.split_at(length);
        found.push(Token(token));
        rest = tail.trim_start();
    }
    found
}

fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    panic!("no closing quote in {text}")
}

/// The members of the outermost object: each member's name and the tokens of its value.
pub(crate) fn fields<'a>(tokens: &[Token<'a>]) -> Vec<(Token<'a>, Vec<Token<'a>>)> {
    let [Token("{"), inside @ .., Token("}")] = tokens else {
        panic!("not an object: {tokens:?}")
    };
    let mut depth = 0;
    let members = inside.split(|token| {
        match token.0 {
            "{" | "[" => depth += 1,
            "}" | "]" => depth -= 1,
            _ => {}
        }
        depth == 0 && token.0 == ","
    });
    members
        .filter_map(|member| match member {
            [name, _colon, value @ ..] => Some((*name, value.to_vec())),
            _ => None,
        })
        .collect()
}
