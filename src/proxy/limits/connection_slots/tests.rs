use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::slot::Slot;
use super::slot_state::SlotState;
use super::slots::{BLOCK, LOOK, Slots};

#[tokio::test]
async fn the_oldest_connection_makes_room_and_no_busy_one_does() {
    let slots = Arc::new(Slots::new());
    let taken: Vec<Slot> = (0..5).map(|_| Slot::take(&slots)).collect();
    assert!(taken.iter().all(Slot::begin));
    assert!(!slots.make_room());
    for at in [3, 1, 0, 4] {
        taken[at].end();
    }
    // Of two streams of one connection, one has ended.
    assert!(taken[1].begin() && taken[1].begin());
    taken[1].end();
    for at in [0, 3, 4] {
        assert!(slots.make_room());
        taken[at].must_leave().await;
        assert!(!taken[at].begin());
    }
    assert!(!slots.make_room());
    assert_eq!(slots.leaving(), 3);
    drop(taken);
    assert_eq!(slots.leaving(), 0);
}

#[tokio::test]
async fn idle_connections_make_room_first_then_unfinished_headers_then_stalled_ones() {
    let slots = Arc::new(Slots::new());
    let taken: Vec<Arc<Slot>> = (0..5).map(|_| Arc::new(Slot::take(&slots))).collect();
    let [idle, busy, header, late, stalled] = [0, 1, 2, 3, 4].map(|at| Arc::clone(&taken[at]));
    assert!(taken.iter().all(|slot| slot.begin()));
    let _stall = stalled.stall();
    let _one_of_two = (busy.begin(), busy.stall());
    let tell = async {
        for slot in [&header, &late] {
            while !slot
                .state()
                .is_some_and(|state| SlotState::from(state.load(Ordering::Relaxed)).can_go())
            {
                tokio::task::yield_now().await;
            }
        }
        idle.end();
        for slot in [&idle, &header, &late, &stalled] {
            assert!(slots.make_room());
            slot.must_leave().await;
        }
        assert!(!slots.make_room());
    };
    let mut first = pin!(std::future::pending::<()>());
    let mut second = pin!(std::future::pending::<()>());
    let (header, late, ()) = tokio::join!(
        header.receive(first.as_mut()),
        late.receive(second.as_mut()),
        tell
    );
    assert_eq!((header, late), (None, None));
    assert_eq!(slots.leaving(), 4);
}

#[tokio::test(start_paused = true)]
async fn an_unread_answer_makes_room_and_all_its_waiters_are_notified() {
    let slots = Arc::new(Slots::new());
    let slot = Arc::new(Slot::take(&slots));
    assert!(slot.begin() && slot.begin());
    assert_eq!(slot.until_taken(pin!(async { 1 })).await, Some(1));
    assert!(!slots.make_room());
    let never = async || slot.until_taken(pin!(std::future::pending::<()>())).await;
    let tell = async {
        while !slots.make_room() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let (first, second, (), ()) = tokio::join!(never(), never(), slot.must_leave(), tell);
    assert_eq!((first, second), (None, None));
    // What was sent after it is no longer served.
    assert_eq!(slot.receive(pin!(async { 2 })).await, None);
}

#[tokio::test]
async fn connections_without_a_verified_callback_make_room_first_oldest_first() {
    let slots = Arc::new(Slots::new());
    let taken: Vec<Arc<Slot>> = (0..4).map(|_| Arc::new(Slot::take(&slots))).collect();
    assert!(taken.iter().all(|slot| slot.begin()));
    taken[0].proves();
    taken[1].proves();
    assert!(taken[0].useless_since().is_none() && taken[2].useless_since().is_some());
    // Stalls of connections with a verified callback count from when they started.
    let _stalls = [1, 0, 3, 2].map(|at| {
        let stall = taken[at].stall();
        // Long enough later to make a difference.
        let begun = slots.now();
        while slots.now() < begun + (1 << 14) {
            std::hint::spin_loop();
        }
        stall
    });
    for at in [2, 3, 1, 0] {
        assert!(slots.make_room());
        taken[at].must_leave().await;
    }
    assert!(!slots.make_room());
}

#[tokio::test]
async fn a_complete_header_makes_the_connection_busy() {
    let slots = Arc::new(Slots::new());
    let slot = Arc::new(Slot::take(&slots));
    assert_eq!(slot.wait(pin!(async { 1 })).await, Some(1));
    assert_eq!(slot.receive(pin!(async { 2 })).await, Some(2));
    assert_eq!(slot.receive(pin!(tokio::task::yield_now())).await, Some(()));
    assert!(!slots.make_room());
    // One of two streams continues, and then none of one.
    let other = slot.request().unwrap();
    let stalls = [slot.stall(), slot.stall()];
    let [first, second] = stalls;
    drop(first);
    assert!(!slots.make_room());
    drop(other);
    assert!(slots.make_room());
    drop(second);
    assert!(!slot.begin());
}

#[tokio::test]
async fn a_reused_slot_keeps_no_state() {
    let slots = Arc::new(Slots::new());
    let first = Slot::take(&slots);
    assert!(slots.make_room());
    let place = first.place;
    drop(first);
    let second = Slot::take(&slots);
    assert_eq!(second.place, place);
    assert_eq!(second.wait(pin!(async { 1 })).await, Some(1));
    assert!(!slots.make_room());
    let never = async { second.wait(pin!(std::future::pending::<()>())).await };
    let (left, ()) = tokio::join!(never, async {
        assert!(slots.make_room());
    });
    assert_eq!(left, None);
}

#[tokio::test]
async fn any_number_of_connections_eventually_make_room() {
    let slots = Arc::new(Slots::new());
    let count = BLOCK * (LOOK * 2 + 1) + 1;
    let taken: Vec<Slot> = std::iter::repeat_with(|| Slot::take(&slots))
        .take(count)
        .collect();
    for _ in 0..count {
        assert!(slots.make_room());
    }
    assert!(!slots.make_room());
    assert!(taken.iter().all(|slot| !slot.begin()));
}
