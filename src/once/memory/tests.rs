use super::*;

const LEASE: Duration = Duration::from_secs(10);
const KEEP: Duration = Duration::from_secs(3600);

fn id(number: u64) -> Identity {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    bytes.into()
}

fn small(entries: usize) -> Memory {
    Memory::new(Limits {
        entries,
        bytes: 1 << 20,
    })
}

async fn done(memory: &Memory, number: u64, keep: Duration) {
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

async fn is_done(memory: &Memory, number: u64) -> bool {
    let token = Token::new();
    let claim = memory.claim(&id(number), token, LEASE).await;
    memory.release(&id(number), token).await.unwrap();
    matches!(claim, Ok(Claim::Done(_)))
}

#[tokio::test(start_paused = true)]
async fn the_next_to_be_forgotten_makes_room() {
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
    // Those that are in flight go on all the same.
    assert_eq!(memory.renew(&id(1), first, LEASE).await, Ok(true));
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
async fn bytes_count_too() {
    let memory = Memory::new(Limits {
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
async fn what_is_over_is_forgotten_without_being_asked_for() {
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
async fn lower_limits_count_from_the_next_callback_on() {
    let memory = small(100);
    for number in 0..100 {
        done(&memory, number, KEEP).await;
    }
    memory.set_limits(Limits {
        entries: 10,
        bytes: 1 << 20,
    });
    done(&memory, 100, KEEP).await;
    assert_eq!(memory.usage().entries, Some(10));
}
