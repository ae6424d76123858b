//! Verification requests all memory besides the body from its budget. If the budget denies it,
//! there is no verdict.

use countersign::verify::{
    MemoryBudget, OutOfMemory, Reason, VerifyError, VerifyPolicy, verify, verify_within,
};

use super::cases::{self, Case, NOW};

/// Grants memory up to a limit.
struct Limited {
    left: usize,
    taken: usize,
    most: usize,
}

impl Limited {
    fn to(limit: usize) -> Self {
        Self {
            left: limit,
            taken: 0,
            most: 0,
        }
    }
}

impl MemoryBudget for Limited {
    fn take(&mut self, bytes: usize) -> Result<(), OutOfMemory> {
        self.left = self.left.checked_sub(bytes).ok_or(OutOfMemory)?;
        self.taken += bytes;
        self.most = self.most.max(self.taken);
        Ok(())
    }

    fn give(&mut self, bytes: usize) {
        self.left += bytes;
        self.taken -= bytes;
    }
}

fn with_body(body: String) -> Case {
    let mut case = cases::of("cheezeepay").remove(0);
    case.body = body.into_bytes();
    case
}

fn signed_by_nobody(fields: &str) -> Case {
    let signature = "A".repeat(342) + "==";
    with_body(format!("{{\"sign\":\"{signature}\",{fields}}}"))
}

/// The peak memory of a verification. Checks that there is no verdict with one byte less.
fn most(policy: &VerifyPolicy, case: &Case) -> usize {
    let mut memory = Limited::to(usize::MAX);
    let verdict = verify_within(policy, case.callback(), NOW, &mut memory);
    let alone = verify(policy, case.callback(), NOW);
    match (&verdict, alone) {
        (Ok(_), Ok(_)) => {}
        (Err(VerifyError::Rejected(refused)), Err(alone)) => assert_eq!(*refused, alone),
        verdicts => panic!("{verdicts:?}"),
    }
    let most = memory.most;
    for limit in [0, most / 2, most - 1] {
        let refused = verify_within(policy, case.callback(), NOW, &mut Limited::to(limit));
        assert_eq!(refused.unwrap_err(), VerifyError::OutOfMemory(OutOfMemory));
    }
    most
}

#[test]
fn genuine_callbacks_pass_with_exactly_the_memory_they_need() {
    for scheme in ["cheezeepay", "sgate"] {
        let policy = cases::policy(scheme);
        for case in cases::of(scheme) {
            let mut memory = Limited::to(usize::MAX);
            assert!(verify_within(&policy, case.callback(), NOW, &mut memory).is_ok());
            let mut just_enough = Limited::to(memory.most);
            assert!(verify_within(&policy, case.callback(), NOW, &mut just_enough).is_ok());
        }
    }
}

#[test]
fn all_memory_for_values_names_and_text_is_asked_for() {
    let policy = cases::policy("cheezeepay");
    let values = |count: usize| signed_by_nobody(&format!("\"a\":[{}1]", "1e6,".repeat(count)));
    // An entry in the document, and twice the number as Java prints it.
    let (few, many) = (
        most(&policy, &values(50_000)),
        most(&policy, &values(100_000)),
    );
    let each = (many - few) / 50_000;
    assert!((24 + 2 * 11..100).contains(&each), "{each} bytes a value");
    let names = |count: usize| {
        let names: Vec<_> = (0..count)
            .rev()
            .map(|nth| format!("\"n{nth}\":0"))
            .collect();
        signed_by_nobody(&names.join(","))
    };
    // An entry, its hash, and twice an entry in the sorted list.
    let (few, many) = (
        most(&policy, &names(50_000)),
        most(&policy, &names(100_000)),
    );
    let each = (many - few) / 50_000;
    assert!((24 + 40..150).contains(&each), "{each} bytes a name");
}

/// Anybody who has a genuine callback can add such fields.
#[test]
fn unsigned_fields_are_asked_for_once_the_signature_has_passed() {
    const COUNT: usize = 10_000;
    /// Grants everything and records the requests.
    struct Asked(Vec<usize>);
    impl MemoryBudget for Asked {
        fn take(&mut self, bytes: usize) -> Result<(), OutOfMemory> {
            self.0.push(bytes);
            Ok(())
        }

        fn give(&mut self, _bytes: usize) {}
    }
    let policy = cases::policy("cheezeepay");
    let mut case = cases::of("cheezeepay").remove(0);
    assert_eq!(case.body.pop(), Some(b'}'));
    for nth in 0..COUNT {
        let field = format!(",\"{}{nth:05}\":\"\"", "n".repeat(40));
        case.body.extend_from_slice(field.as_bytes());
    }
    case.body.push(b'}');
    let mut asked = Asked(Vec::new());
    assert!(verify_within(&policy, case.callback(), NOW, &mut asked).is_ok());
    // Only the hashes of the names have this size. Entries, sorted or in the document, are larger.
    let names = asked
        .0
        .iter()
        .filter(|bytes| (16..20).contains(&(*bytes / COUNT)));
    assert_eq!(names.count(), 1, "{:?}", asked.0);
}

#[test]
fn a_body_that_is_parsed_later_asks_for_memory_too() {
    let policy = cases::policy("sgate");
    let case = cases::of("sgate").remove(0);
    let verified = verify(&policy, case.callback(), NOW).unwrap();
    assert_eq!(verified.read_body(&mut Limited::to(0)), Err(OutOfMemory));
    assert_eq!(verified.read_body(&mut Limited::to(1 << 20)), Ok(()));
    assert!(verified.body().has_fields());
    // The body has been parsed by now.
    assert_eq!(verified.read_body(&mut Limited::to(0)), Ok(()));
}

#[test]
fn a_refusal_comes_before_memory_is_allocated() {
    let policy = cases::policy("cheezeepay");
    let broken = with_body(format!("{}]", "[1,".repeat(100_000)));
    let mut memory = Limited::to(1 << 20);
    let refused = verify_within(&policy, broken.callback(), NOW, &mut memory).unwrap_err();
    assert_eq!(refused, VerifyError::OutOfMemory(OutOfMemory));
    let mut memory = Limited::to(usize::MAX);
    let refused = verify_within(&policy, broken.callback(), NOW, &mut memory).unwrap_err();
    let VerifyError::Rejected(rejection) = refused else {
        panic!("{refused}");
    };
    assert_eq!(rejection.reason, Reason::JsonTooDeep);
}
