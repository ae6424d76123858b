//! The words of a shell's command line.

use crate::written_request::unread_request::{RequestTextFault, UnreadRequest};

/// A word, and on which line it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ShellWord {
    pub(super) line: usize,
    pub(super) bytes: Vec<u8>,
}

/// Takes a command apart: quotes of either kind, `$'…'` with its escapes, backslashes, and lines that go on behind a
/// backslash. Nothing that a shell would compute is: it is refused.
pub(super) fn shell_words(text: &[u8]) -> Result<Vec<ShellWord>, UnreadRequest> {
    let mut reader = ShellReader {
        rest: text,
        line: 1,
        words: Vec::new(),
        word: None,
    };
    while let Some(byte) = reader.next() {
        reader.take(byte)?;
    }
    reader.end_word();
    Ok(reader.words)
}

struct ShellReader<'t> {
    rest: &'t [u8],
    line: usize,
    words: Vec<ShellWord>,
    word: Option<ShellWord>,
}

impl ShellReader<'_> {
    fn next(&mut self) -> Option<u8> {
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        if *byte == b'\n' {
            self.line = self.line.saturating_add(1);
        }
        Some(*byte)
    }

    fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    fn word(&mut self) -> &mut Vec<u8> {
        let line = self.line;
        let new = || ShellWord {
            line,
            bytes: Vec::new(),
        };
        &mut self.word.get_or_insert_with(new).bytes
    }

    fn end_word(&mut self) {
        self.words.extend(self.word.take());
    }

    fn take(&mut self, byte: u8) -> Result<(), UnreadRequest> {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => self.end_word(),
            b'\'' => self.single()?,
            b'"' => self.double()?,
            b'$' if self.peek() == Some(b'\'') => {
                self.next();
                self.ansi()?;
            }
            b'\\' => self.escaped(),
            // A prompt.
            b'$' if self.word.is_none() && matches!(self.peek(), None | Some(b' ')) => {
                self.word().push(byte);
            }
            b'$' | b'`' => return Err(self.computed(byte)),
            // A second command.
            b'|' | b';' | b'<' | b'>' => return Err(self.computed(byte)),
            b'#' if self.word.is_none() => {
                while self.peek().is_some_and(|next| next != b'\n') {
                    self.next();
                }
            }
            other => self.word().push(other),
        }
        Ok(())
    }

    fn computed(&self, byte: u8) -> UnreadRequest {
        UnreadRequest::at(self.line, RequestTextFault::ShellSyntax(char::from(byte)))
    }

    /// Behind a backslash outside of quotes.
    fn escaped(&mut self) {
        match self.next() {
            // A line that goes on, also where an editor made its end CRLF.
            Some(b'\n') | None => {}
            Some(b'\r') if self.peek() == Some(b'\n') => {
                self.next();
            }
            Some(other) => self.word().push(other),
        }
    }

    fn single(&mut self) -> Result<(), UnreadRequest> {
        let line = self.line;
        self.word();
        loop {
            match self.next() {
                Some(b'\'') => return Ok(()),
                Some(byte) => self.word().push(byte),
                None => return Err(open(line, "'…'")),
            }
        }
    }

    fn double(&mut self) -> Result<(), UnreadRequest> {
        let line = self.line;
        self.word();
        loop {
            match self.next() {
                Some(b'"') => return Ok(()),
                Some(b'\\') => match self.next() {
                    Some(b'\n') => {}
                    Some(byte @ (b'"' | b'\\' | b'$' | b'`')) => self.word().push(byte),
                    Some(byte) => self.word().extend([b'\\', byte]),
                    None => return Err(open(line, "\"…\"")),
                },
                Some(byte @ (b'$' | b'`')) => return Err(self.computed(byte)),
                Some(byte) => self.word().push(byte),
                None => return Err(open(line, "\"…\"")),
            }
        }
    }

    /// `$'…'`, as browsers write texts with quotes, line ends or other characters than those of ASCII.
    fn ansi(&mut self) -> Result<(), UnreadRequest> {
        let line = self.line;
        self.word();
        loop {
            match self.next() {
                Some(b'\'') => return Ok(()),
                Some(b'\\') => self.ansi_escape(line)?,
                Some(byte) => self.word().push(byte),
                None => return Err(open(line, "$'…'")),
            }
        }
    }

    fn ansi_escape(&mut self, line: usize) -> Result<(), UnreadRequest> {
        let kind = self.next().ok_or_else(|| open(line, "$'…'"))?;
        let unknown = |digits: &str| {
            let shown = format!("\\{}{digits}", char::from(kind));
            UnreadRequest::at(line, RequestTextFault::AnsiEscape(shown))
        };
        let byte = match kind {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'a' => 7,
            b'b' => 8,
            b'f' => 12,
            b'v' => 11,
            b'e' | b'E' => 27,
            b'\\' | b'\'' | b'"' | b'?' => kind,
            b'x' => {
                let digits = self.digits(2, 16);
                u8::from_str_radix(&digits, 16).map_err(|_| unknown(&digits))?
            }
            b'0'..=b'7' => {
                let digits = format!("{}{}", char::from(kind), self.digits(2, 8));
                u8::from_str_radix(&digits, 8).map_err(|_| unknown(""))?
            }
            b'u' | b'U' => {
                let most = if kind == b'u' { 4 } else { 8 };
                let digits = self.digits(most, 16);
                let character = self.character(&digits).ok_or_else(|| unknown(&digits))?;
                let mut utf8 = [0; 4];
                let utf8 = character.encode_utf8(&mut utf8).as_bytes();
                self.word().extend_from_slice(utf8);
                return Ok(());
            }
            _ => return Err(unknown("")),
        };
        self.word().push(byte);
        Ok(())
    }

    /// A character by its number. Browsers write characters beyond 16 bits as two halves.
    fn character(&mut self, digits: &str) -> Option<char> {
        let number = u32::from_str_radix(digits, 16).ok()?;
        if !(0xd800..0xdc00).contains(&number) {
            return char::from_u32(number);
        }
        self.rest = self.rest.strip_prefix(b"\\u")?;
        let low = u32::from_str_radix(&self.digits(4, 16), 16).ok()?;
        let halves = [u16::try_from(number).ok()?, u16::try_from(low).ok()?];
        char::decode_utf16(halves).next()?.ok()
    }

    fn digits(&mut self, most: usize, radix: u32) -> String {
        let mut digits = String::new();
        while digits.len() < most
            && let Some(digit) = self.peek().map(char::from)
            && digit.is_digit(radix)
        {
            digits.push(digit);
            self.next();
        }
        digits
    }
}

const fn open(line: usize, quote: &'static str) -> UnreadRequest {
    UnreadRequest::at(line, RequestTextFault::OpenQuote(quote))
}
