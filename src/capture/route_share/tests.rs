use core::net::{Ipv4Addr, Ipv6Addr};

use bytes::Bytes;

use super::*;
use crate::capture::{CaptureRing, CaptureSettings, FoundCapture};
use crate::record::{Caller, ClientAddress};

const NOW: Duration = Duration::from_secs(10_000);

fn request(id: u128, route: &str, address: ClientAddress, body: usize) -> CapturedRequest {
    CapturedRequest {
        id: format!("{id:032x}"),
        time: 0,
        caller: Caller {
            address,
            ..Caller::default()
        },
        peer: None,
        tls: false,
        route: route.into(),
        reason: "signature_mismatch",
        at: None,
        method: http::Method::POST,
        shown_target: b"/cb".to_vec(),
        target: b"/cb".to_vec(),
        head: Default::default(),
        body: Bytes::from(vec![b'x'; body]),
        body_length: body,
    }
}

fn v4(number: u32) -> ClientAddress {
    ClientAddress::Ip(Ipv4Addr::from_bits(number).into())
}

/// An address in the network with this number of one /48.
fn v6(network: u16) -> ClientAddress {
    ClientAddress::Ip(Ipv6Addr::new(0x2001, 0xdb8, 7, network, 0, 0, 0, 1).into())
}

/// An address whose network nobody else has.
const PROVIDER: ClientAddress =
    ClientAddress::Ip(core::net::IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7)));

fn ring(size: usize, routes: &[&str]) -> CaptureRing {
    let ring = CaptureRing::default();
    ring.configure(Some(&settings(size, routes)));
    ring
}

fn settings(size: usize, routes: &[&str]) -> CaptureSettings {
    CaptureSettings {
        size,
        per_client: 8,
        body: 65_536,
        expire: Duration::from_secs(3600),
        routes: routes.iter().map(|route| (*route).into()).collect(),
    }
}

fn has(ring: &CaptureRing, id: u128) -> bool {
    matches!(ring.find(&format!("{id:032x}")), FoundCapture::One(_))
}

fn evicted(ring: &CaptureRing, cause: CaptureEviction) -> u64 {
    let all = ring.usage().evicted;
    all.into_iter()
        .find(|(other, _)| *other == cause)
        .unwrap()
        .1
}

#[test]
fn a_flood_from_one_address_keeps_only_its_last_ones() {
    let ring = ring(1 << 20, &["a", "b"]);
    ring.add(request(1, "a", PROVIDER, 100), NOW);
    ring.add(request(2, "b", PROVIDER, 100), NOW);
    for id in 10..10_010 {
        ring.add(request(id, "a", v4(9), 5_000), NOW);
    }
    assert!(has(&ring, 1) && has(&ring, 2));
    assert_eq!(ring.usage().entries, 10);
    assert!(has(&ring, 10_009) && has(&ring, 10_002) && !has(&ring, 10_001));
    assert_eq!(evicted(&ring, CaptureEviction::PerClient), 9_992);
    assert_eq!(ring.usage().captured, 10_002);
}

#[test]
fn a_flood_from_all_networks_of_a_48_pushes_out_neither_another_route_nor_another_network() {
    let size = 1 << 20;
    let ring = ring(size, &["a", "b"]);
    ring.add(request(1, "b", PROVIDER, 1_000), NOW);
    ring.add(request(2, "a", PROVIDER, 60_000), NOW);
    let mut most = 0;
    for network in 0..=u16::MAX {
        ring.add(
            request(u128::from(network) + 10, "a", v6(network), 2_000),
            NOW,
        );
        most = most.max(ring.usage().bytes);
    }
    assert!(has(&ring, 1) && has(&ring, 2));
    // The last ones of the flood are there, the first are not.
    assert!(has(&ring, u128::from(u16::MAX) + 10) && !has(&ring, 10));
    assert!((size / 4..=size).contains(&most), "{most}");
    assert!(evicted(&ring, CaptureEviction::Share) > 60_000);
}

#[test]
fn whoever_has_most_makes_room_also_within_a_network() {
    let ring = ring(1 << 20, &["a"]);
    // In the same /24 as the flood, with one each.
    ring.add(request(1, "a", v4(0x0a00_0001), 1_000), NOW);
    for id in 0..1_000_u32 {
        ring.add(
            request(u128::from(id) + 10, "a", v4(0x0a00_0002 + id % 50), 8_000),
            NOW,
        );
    }
    assert!(has(&ring, 1));
    // In the same /32 of IPv6 as a flood.
    let neighbour = ClientAddress::Ip(Ipv6Addr::new(0x2001, 0xdb8, 8, 1, 0, 0, 0, 1).into());
    ring.add(request(2, "a", neighbour, 1_000), NOW);
    for network in 0..2_000 {
        ring.add(
            request(u128::from(network) + 10_000, "a", v6(network), 8_000),
            NOW,
        );
    }
    assert!(has(&ring, 1) && has(&ring, 2));
}

#[test]
fn of_clients_with_as_many_the_one_that_was_heard_of_longest_ago_makes_room() {
    let ring = ring(64 << 10, &["a"]);
    for id in 0..500_u32 {
        ring.add(request(u128::from(id) + 1, "a", v4(id << 16), 100), NOW);
    }
    let entries = ring.usage().entries as u128;
    assert!((10..100).contains(&entries), "{entries}");
    for id in 1..=500 {
        assert_eq!(has(&ring, id), id > 500 - entries, "{id}");
    }
}

#[test]
fn many_clients_are_bounded_with_all_that_is_kept_of_them() {
    let size = 1 << 20;
    let ring = ring(size, &["a"]);
    for id in 0..100_000_u32 {
        // Each in a network of its own.
        let address = ClientAddress::Ip(Ipv6Addr::from_bits(u128::from(id) << 96).into());
        ring.add(request(u128::from(id), "a", address, 0), NOW);
    }
    let usage = ring.usage();
    assert!(
        usage.bytes <= size && usage.entries < size / 1024,
        "{usage:?}"
    );
}

#[test]
fn what_is_too_old_is_dropped() {
    let ring = ring(1 << 20, &["a"]);
    let hour = Duration::from_secs(3600);
    ring.add(request(1, "a", PROVIDER, 1), NOW);
    ring.add(request(2, "a", PROVIDER, 1), NOW + Duration::from_secs(1));
    ring.expire(NOW + hour);
    assert!(has(&ring, 1));
    ring.expire(NOW + hour + Duration::from_millis(500));
    assert!(!has(&ring, 1) && has(&ring, 2));
    ring.expire(NOW * 2);
    let usage = ring.usage();
    assert_eq!((usage.entries, usage.bytes), (0, 0));
    assert_eq!(evicted(&ring, CaptureEviction::Expired), 2);
}

#[test]
fn a_new_configuration_keeps_what_it_still_captures() {
    let ring = ring(1 << 20, &["a", "b"]);
    for id in 0..8 {
        ring.add(
            request(id, if id < 3 { "a" } else { "b" }, PROVIDER, 10_000),
            NOW,
        );
    }
    assert_eq!(ring.limits("b").unwrap().body, 65_536);
    assert_eq!(ring.configure(Some(&settings(1 << 20, &["a"]))), 5);
    assert_eq!((ring.usage().entries, ring.limits("b")), (3, None));
    ring.add(request(9, "b", PROVIDER, 1), NOW);
    assert!(!has(&ring, 9));
    // A smaller share.
    assert_eq!(ring.configure(Some(&settings(30_000, &["a"]))), 1);
    assert!(!has(&ring, 0) && has(&ring, 2));
    assert_eq!(ring.configure(None), 2);
    assert_eq!(ring.usage().bytes, 0);
    assert_eq!(evicted(&ring, CaptureEviction::Reload), 8);
}

#[test]
fn ids_may_be_cut_while_they_are_clear() {
    let ring = ring(1 << 20, &["a", "b"]);
    ring.add(request(0x1200 << 112, "a", PROVIDER, 1), NOW);
    ring.add(request(0x1300 << 112, "b", PROVIDER, 1), NOW);
    assert!(matches!(ring.find("12"), FoundCapture::One(_)));
    assert!(matches!(ring.find("1"), FoundCapture::Several(2)));
    assert!(matches!(ring.find("2"), FoundCapture::Nothing));
    let listed: Vec<_> = ring
        .list(None)
        .iter()
        .map(|one| one.route.to_string())
        .collect();
    assert_eq!(listed, ["b", "a"]);
    assert_eq!(ring.list(Some("a")).len(), 1);
}

/// Numbers that look random, and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33).checked_rem(limit).unwrap()
    }
}

#[test]
fn whatever_comes_the_share_is_kept_and_everything_is_given_back() {
    for seed in 1..=20 {
        let mut numbers = Numbers(seed);
        let share = 64 << 10;
        let limits = ShareLimits {
            share,
            per_client: 3,
        };
        let mut all = RouteShare::default();
        let (mut kept, mut now) = (0_usize, Duration::ZERO);
        for id in 0..3_000_u128 {
            let address = match numbers.below(4) {
                0 => v4(u32::try_from(numbers.below(1 << 18)).unwrap() << 12),
                1 => v6(u16::try_from(numbers.below(40)).unwrap()),
                2 => v4(u32::try_from(numbers.below(9)).unwrap()),
                _ => [ClientAddress::Unix, ClientAddress::Unknown][numbers.below(2) as usize],
            };
            let body = usize::try_from(numbers.below(8_000)).unwrap();
            let request = Arc::new(request(id, "a", address, body));
            let mut gone = 0;
            all.add(request, now, limits, &mut |_| gone += 1);
            kept = kept + 1 - gone;
            assert!(all.bytes() <= share, "{seed} {id}");
            assert!(all.tally.count_of(address) <= 3);
            // The newest is never the one that makes room.
            assert_eq!(all.all().last().unwrap().id, format!("{id:032x}"));
            now += Duration::from_millis(numbers.below(50));
            if numbers.below(50) == 0 {
                let before = now.saturating_sub(Duration::from_millis(200));
                let mut gone = 0;
                all.expire(before, || gone += 1);
                kept -= gone;
            }
            assert_eq!(all.count(), kept);
        }
        all.expire(Duration::MAX, || {});
        assert_eq!((all.count(), all.bytes(), all.tally.groups()), (0, 0, 0));
        assert_eq!(all.tally.next(), None);
    }
}
