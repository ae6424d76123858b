//! Choosing a server, by nginx's rules. Pure: the state of the servers is an argument.

use std::net::IpAddr;

/// A server's weight and its current state.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    weight: i64,
    /// The weight reduced by failures; it recovers by one in each turn.
    effective: i64,
    current: i64,
}

impl Turn {
    pub(super) fn new(weight: u32) -> Self {
        let weight = i64::from(weight);
        Self {
            weight,
            effective: weight,
            current: 0,
        }
    }

    /// Reduces the weight by a share for a failure; after `max_fails`, nothing is left.
    pub(super) fn failed(&mut self, max_fails: u32) {
        let share = self.weight.checked_div(i64::from(max_fails)).unwrap_or(0);
        self.effective = self.effective.saturating_sub(share).max(0);
    }
}

/// Smooth weighted round robin: a server of weight 5 next to two of weight 1 gives a, a, b, a, c,
/// a, a.
pub(super) fn round_robin(turns: &mut [Turn], usable: impl Fn(usize) -> bool) -> Option<usize> {
    smooth(turns, |index, _| usable(index))
}

fn smooth(turns: &mut [Turn], usable: impl Fn(usize, &Turn) -> bool) -> Option<usize> {
    let mut total: i64 = 0;
    let mut best: Option<(usize, i64)> = None;
    for (index, turn) in turns.iter_mut().enumerate() {
        if !usable(index, turn) {
            continue;
        }
        turn.current = turn.current.saturating_add(turn.effective);
        total = total.saturating_add(turn.effective);
        if turn.effective < turn.weight {
            turn.effective = turn.effective.saturating_add(1);
        }
        if best.is_none_or(|(_, current)| turn.current > current) {
            best = Some((index, turn.current));
        }
    }
    let (index, _) = best?;
    if let Some(turn) = turns.get_mut(index) {
        turn.current = turn.current.saturating_sub(total);
    }
    Some(index)
}

/// The server with the fewest requests in flight relative to its weight; among equals, round robin.
pub(super) fn least_conn(
    turns: &mut [Turn],
    in_flight: impl Fn(usize) -> usize,
    usable: impl Fn(usize) -> bool,
) -> Option<usize> {
    // Compared as products, because a quotient would lose the fraction.
    let load = |index: usize, weight: i64| {
        let in_flight = u128::try_from(in_flight(index)).unwrap_or(u128::MAX);
        in_flight.saturating_mul(u128::try_from(weight).unwrap_or(1))
    };
    let candidates = turns.iter().map(|turn| turn.weight).enumerate();
    let (least, weight) = candidates
        .filter(|(index, _)| usable(*index))
        .min_by(|(a, of_a), (b, of_b)| load(*a, *of_b).cmp(&load(*b, *of_a)))?;
    smooth(turns, |index, turn| {
        usable(index) && load(index, weight) == load(least, turn.weight)
    })
}

/// How often another server is drawn for a client whose own is out, before falling back to round
/// robin.
const MAX_DRAWS: usize = 20;

/// The client's server: by the first three bytes of an IPv4 address, or all of an IPv6 address. A
/// server that is out keeps its clients, which go elsewhere until it is back; the clients of the
/// others stay where they are.
pub(super) fn ip_hash(
    turns: &mut [Turn],
    client: Option<IpAddr>,
    usable: impl Fn(usize) -> bool,
) -> Option<usize> {
    let total: i64 = turns.iter().map(|turn| turn.weight).sum();
    let mut hash: i64 = 89;
    for _ in 0..MAX_DRAWS {
        hash = mix(hash, client);
        let mut rest = hash.checked_rem(total)?;
        let drawn = turns.iter().position(|turn| {
            rest = rest.saturating_sub(turn.weight);
            rest < 0
        });
        if let Some(index) = drawn.filter(|index| usable(*index)) {
            return Some(index);
        }
    }
    round_robin(turns, usable)
}

/// nginx's hash, so that clients keep their servers when nginx is replaced.
fn mix(hash: i64, client: Option<IpAddr>) -> i64 {
    let bytes = |hash: i64, bytes: &[u8]| {
        bytes.iter().fold(hash, |hash, byte| {
            hash.wrapping_mul(113)
                .wrapping_add(i64::from(*byte))
                .rem_euclid(6271)
        })
    };
    match client {
        Some(IpAddr::V4(address)) => {
            let [a, b, c, _] = address.octets();
            bytes(hash, &[a, b, c])
        }
        Some(IpAddr::V6(address)) => bytes(hash, &address.octets()),
        None => bytes(hash, &[0, 0, 0]),
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn turns(weights: &[u32]) -> Vec<Turn> {
        weights.iter().map(|weight| Turn::new(*weight)).collect()
    }

    fn letters(turns: &mut [Turn], count: usize, usable: impl Fn(usize) -> bool) -> String {
        (0..count)
            .map(|_| char::from(b'a' + round_robin(turns, &usable).unwrap() as u8))
            .collect()
    }

    #[test]
    fn round_robin_is_smooth() {
        // The example in nginx's own commit message.
        assert_eq!(
            letters(&mut turns(&[5, 1, 1]), 14, |_| true),
            "aabacaaaabacaa"
        );
        assert_eq!(letters(&mut turns(&[1, 1, 1]), 6, |_| true), "abcabc");
    }

    #[test]
    fn round_robin_gives_each_its_share() {
        let mut turns = turns(&[7, 2, 4]);
        let mut got = [0; 3];
        for _ in 0..1300 {
            got[round_robin(&mut turns, |_| true).unwrap()] += 1;
        }
        assert_eq!(got, [700, 200, 400]);
    }

    #[test]
    fn round_robin_skips_unusable_servers() {
        assert_eq!(
            letters(&mut turns(&[1, 1, 1]), 4, |index| index != 1),
            "acac"
        );
        assert_eq!(round_robin(&mut turns(&[1, 1]), |_| false), None);
        assert_eq!(round_robin(&mut [], |_| true), None);
    }

    #[test]
    fn failures_reduce_a_servers_share_which_recovers() {
        let mut turns = turns(&[4, 4]);
        turns[0].failed(2);
        turns[0].failed(2);
        assert_eq!(letters(&mut turns, 8, |_| true).matches('a').count(), 3);
        // As many again.
        assert_eq!(letters(&mut turns, 8, |_| true).matches('a').count(), 4);
        turns[0].failed(0);
        assert_eq!(turns[0].effective, 4);
    }

    #[test]
    fn least_conn_weighs_requests_in_flight() {
        let busy = [4, 1, 3];
        let pick = |weights: &[u32], busy: &[usize], out: usize| {
            least_conn(
                &mut turns(weights),
                |index| busy[index],
                |index| index != out,
            )
        };
        assert_eq!(pick(&[1, 1, 1], &busy, 9), Some(1));
        assert_eq!(pick(&[1, 1, 1], &busy, 1), Some(2));
        assert_eq!(pick(&[8, 1, 1], &busy, 9), Some(0));
        // 3 of 2 is more than 1 of 1.
        assert_eq!(pick(&[2, 1, 1], &[3, 1, 9], 9), Some(1));
        assert_eq!(pick(&[1, 1, 1], &[0, 0, 0], 0), Some(1));
    }

    #[test]
    fn least_conn_takes_turns_among_equals() {
        let mut turns = turns(&[2, 1]);
        let picks: Vec<_> = (0..3)
            .map(|_| least_conn(&mut turns, |_| 0, |_| true).unwrap())
            .collect();
        assert_eq!(picks, [0, 1, 0]);
    }

    fn clients() -> impl Iterator<Item = IpAddr> {
        (0..1000u32).map(|n| IpAddr::V4(Ipv4Addr::from((n * 7919) << 8 | 5)))
    }

    #[test]
    fn ip_hash_is_stable_and_shares_by_weight() {
        let mut turns = turns(&[2, 1, 1]);
        let mut got = [0; 3];
        for client in clients() {
            let first = ip_hash(&mut turns, Some(client), |_| true).unwrap();
            assert_eq!(ip_hash(&mut turns, Some(client), |_| true), Some(first));
            got[first] += 1;
        }
        assert!((400..600).contains(&got[0]), "{got:?}");
        assert!((150..350).contains(&got[1]), "{got:?}");
    }

    #[test]
    fn ip_hash_moves_only_the_clients_of_the_server_that_is_out() {
        let mut turns = turns(&[1, 1, 1]);
        for client in clients() {
            let before = ip_hash(&mut turns, Some(client), |_| true).unwrap();
            let after = ip_hash(&mut turns, Some(client), |index| index != 1).unwrap();
            assert_ne!(after, 1);
            assert!(before == 1 || before == after);
        }
    }

    #[test]
    fn ip_hash_treats_neighbouring_addresses_as_one_client() {
        let mut turns = turns(&[1, 1, 1, 1]);
        let mut of = |text: &str| ip_hash(&mut turns, Some(text.parse().unwrap()), |_| true);
        assert_eq!(of("192.0.2.1"), of("192.0.2.200"));
        let all: std::collections::HashSet<_> =
            (0..50).map(|n| of(&format!("2001:db8::{n:x}"))).collect();
        assert_eq!(all.len(), 4);
        assert!(ip_hash(&mut turns, None, |_| true).is_some());
        assert_eq!(ip_hash(&mut turns, None, |_| false), None);
    }
}
