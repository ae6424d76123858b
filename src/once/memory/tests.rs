use super::*;
use crate::once::answer::StoredAnswer;

const LEASE: Duration = Duration::from_secs(10);
const KEEP: Duration = Duration::from_secs(3600);

fn id(number: u64) -> Identity {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    bytes.into()
}

fn small(entries: usize) -> MemoryStore {
    MemoryStore::new(MemoryLimits {
        entries,
        bytes: 1 << 20,
    })
}

async fn done(memory: &MemoryStore, number: u64, keep: Duration) {
    let token = Token::new();
    assert_eq!(
        memory.claim(&id(number), token, LEASE).await,
        Ok(Claim::Fresh)
    );
    memory
        .commit(&id(number), token, Bytes::new(), keep)
        .await
        .unwrap();
}

async fn is_done(memory: &MemoryStore, number: u64) -> bool {
    let token = Token::new();
    let claim = memory.claim(&id(number), token, LEASE).await;
    memory.release(&id(number), token, LEASE).await.unwrap();
    matches!(claim, Ok(Claim::Done(_)))
}

#[tokio::test(start_paused = true)]
async fn the_entry_that_expires_next_is_evicted_first() {
    let memory = small(3);
    done(&memory, 1, KEEP * 3).await;
    done(&memory, 2, KEEP).await;
    done(&memory, 3, KEEP * 2).await;
    assert_eq!(memory.usage().evicted, 0);
    done(&memory, 4, KEEP * 4).await;
    assert_eq!(
        (memory.usage().evicted, memory.usage().entries),
        (1, Some(3))
    );
    assert!(is_done(&memory, 1).await && is_done(&memory, 3).await && is_done(&memory, 4).await);
}

#[tokio::test(start_paused = true)]
async fn a_claim_is_never_evicted() {
    let memory = small(2);
    let (first, second) = (Token::new(), Token::new());
    assert_eq!(memory.claim(&id(1), first, LEASE).await, Ok(Claim::Fresh));
    assert_eq!(memory.claim(&id(2), second, LEASE).await, Ok(Claim::Fresh));
    let third = memory.claim(&id(3), Token::new(), LEASE).await;
    assert_eq!(third, Err(StoreError::Full));
    // Those in flight continue.
    assert_eq!(memory.renew(&id(1), first, LEASE).await, Ok(Renewal::Held));
    memory
        .commit(&id(1), first, Bytes::new(), KEEP)
        .await
        .unwrap();
    assert_eq!(
        memory.claim(&id(3), Token::new(), LEASE).await,
        Ok(Claim::Fresh)
    );
    assert_eq!(memory.usage().evicted, 1);
    let other = memory.claim(&id(2), Token::new(), LEASE).await;
    assert_eq!(other, Ok(Claim::InFlight(LEASE)));
    // One whose proxy died makes room once its lease is over.
    tokio::time::advance(LEASE).await;
    assert_eq!(
        memory.claim(&id(4), Token::new(), LEASE).await,
        Ok(Claim::Fresh)
    );
}

#[tokio::test(start_paused = true)]
async fn the_limit_on_bytes_is_enforced() {
    let memory = MemoryStore::new(MemoryLimits {
        entries: 1000,
        bytes: 64 << 10,
    });
    for number in 0..100 {
        let token = Token::new();
        memory.claim(&id(number), token, LEASE).await.unwrap();
        let answer = Bytes::from(vec![0; 4 << 10]);
        memory
            .commit(&id(number), token, answer, KEEP)
            .await
            .unwrap();
        assert!(memory.usage().bytes.unwrap() <= 64 << 10);
    }
    let usage = memory.usage();
    assert_eq!(usage.evicted + usage.entries.unwrap(), 100);
    assert!(usage.entries.unwrap() >= 12);
}

#[tokio::test(start_paused = true)]
async fn expired_entries_are_dropped_without_being_looked_up() {
    let memory = small(1000);
    for number in 0..100 {
        done(&memory, number, KEEP).await;
    }
    assert_eq!(memory.usage().entries, Some(100));
    tokio::time::advance(KEEP).await;
    let usage = memory.usage();
    assert_eq!(
        (usage.entries, usage.bytes, usage.evicted),
        (Some(0), Some(0), 0)
    );
}

#[tokio::test(start_paused = true)]
async fn lowered_limits_apply_from_the_next_callback() {
    let memory = small(100);
    for number in 0..100 {
        done(&memory, number, KEEP).await;
    }
    memory.set_limits(MemoryLimits {
        entries: 10,
        bytes: 1 << 20,
    });
    done(&memory, 100, KEEP).await;
    assert_eq!(memory.usage().entries, Some(10));
}

#[tokio::test(start_paused = true)]
async fn a_large_answer_never_evicts_another_callback() {
    let memory = MemoryStore::new(MemoryLimits {
        entries: 10_000,
        bytes: 1 << 20,
    });
    let large = |size: usize| {
        let answer = StoredAnswer {
            status: 201,
            headers: Vec::new(),
            body: Some(Bytes::from(vec![b'x'; size])),
        };
        answer.encode()
    };
    let remember = async |number: u64, answer: Bytes| {
        let token = Token::new();
        memory.claim(&id(number), token, LEASE).await.unwrap();
        memory
            .commit(&id(number), token, answer, KEEP)
            .await
            .unwrap();
        assert!(memory.usage().bytes.unwrap() <= 1 << 20);
    };
    let body = async |number: u64| {
        let claim = memory.claim(&id(number), Token::new(), LEASE).await;
        let Ok(Claim::Done(answer)) = claim else {
            panic!("{number}: {claim:?}");
        };
        let answer = StoredAnswer::decode(&answer).unwrap();
        assert_eq!(answer.status, 201);
        answer.body.map(|body| body.len())
    };
    for number in 0..1000 {
        remember(number, large(2)).await;
    }
    // More than one entry may take, or more than there is; and each of those that fit, in turn.
    for (number, size) in [(1000, 300_000), (1001, 2 << 20), (1002, 200_000)] {
        remember(number, large(size)).await;
    }
    for number in 1003..1100 {
        remember(number, large(100_000)).await;
    }
    assert_eq!(memory.usage().evicted, 0);
    for number in 0..1000 {
        assert_eq!(body(number).await, Some(2));
    }
    // The last ones are complete, as many as there is room for.
    let mut whole = 0;
    for number in 1000..1100 {
        match body(number).await {
            Some(size) => {
                assert_eq!(size, 100_000, "{number}");
                whole += 1;
            }
            None => assert_eq!(whole, 0, "{number}"),
        }
    }
    assert!((5..=7).contains(&whole), "{whole}");
    // Full of small ones, there is no room for a large one at all.
    for number in 1100..4000 {
        remember(number, large(2)).await;
    }
    let before = memory.usage();
    remember(5000, large(100_000)).await;
    assert_eq!(body(5000).await, None);
    assert!(memory.usage().evicted <= before.evicted + 1);
}

#[tokio::test(start_paused = true)]
async fn a_commit_always_has_the_room_that_its_claim_reserved() {
    for size in [10_000, 400] {
        let memory = MemoryStore::new(MemoryLimits {
            entries: 10_000,
            bytes: 1 << 20,
        });
        let mut claimed = Vec::new();
        let full = loop {
            let (number, token) = (claimed.len() as u64, Token::new());
            match memory.claim(&id(number), token, LEASE).await {
                Ok(Claim::Fresh) => claimed.push((number, token)),
                other => break other,
            }
        };
        assert_eq!(full, Err(StoreError::Full));
        let answer = StoredAnswer {
            status: 200,
            headers: Vec::new(),
            body: Some(Bytes::from(vec![b'x'; size])),
        };
        for (number, token) in claimed {
            memory
                .commit(&id(number), token, answer.encode(), KEEP)
                .await
                .unwrap();
            assert!(memory.usage().bytes.unwrap() <= 1 << 20, "{number}");
        }
        assert!(size == 400 || memory.usage().evicted == 0);
    }
}

/// Otherwise a few callbacks that share a part are more than it may hold.
#[tokio::test(start_paused = true)]
async fn limits_changed_by_a_reload_apply_to_the_whole_store() {
    let limits = |entries, size: usize| MemoryLimits {
        entries,
        bytes: size << 20,
    };
    let memory = MemoryStore::new(limits(1_000_000, 256));
    let token = Token::new();
    assert_eq!(memory.claim(&id(7), token, LEASE).await, Ok(Claim::Fresh));
    done(&memory, 8, KEEP).await;
    for (number, limits) in [limits(100, 256), limits(1_000_000, 1)]
        .into_iter()
        .enumerate()
    {
        memory.set_limits(limits);
        // The tests' identities are all of one part.
        for claim in 0..90 {
            let claim = 1000 * (number as u64 + 1) + claim;
            let claimed = memory.claim(&id(claim), Token::new(), LEASE).await;
            assert_eq!(claimed, Ok(Claim::Fresh), "{claim}");
        }
        for _ in 0..2 {
            tokio::time::advance(LEASE / 2).await;
            let renewed = memory.renew(&id(7), token, LEASE).await;
            assert_eq!(renewed, Ok(Renewal::Held));
        }
        assert!(is_done(&memory, 8).await);
    }
    memory.set_limits(limits(1_000_000, 256));
    assert!(is_done(&memory, 8).await);
    assert_eq!(memory.usage().entries, Some(2));
}
