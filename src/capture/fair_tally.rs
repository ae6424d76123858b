//! Who has how many, and who drops one next.
//!
//! Of all groups of clients the one with most drops one, of its groups that with most, and so on down to a
//! client, which drops its oldest. Of two with as many, the one that was heard of longer ago. So a flood makes
//! room for itself, whether it comes from one address or from a network of many: what came from elsewhere stays.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::client_place::ClientGroup;
use crate::record::ClientAddress;

/// Who has how many. Everything takes a time that grows with the logarithm of their number.
#[derive(Debug, Default)]
pub(super) struct FairTally {
    groups: BTreeMap<ClientGroup, GroupCount>,
    /// The groups in each group, by count: the last one of a group drops first.
    order: BTreeSet<GroupRank>,
    /// What each client has, oldest first.
    numbers: BTreeSet<(ClientGroup, u64)>,
}

#[derive(Clone, Copy, Debug)]
struct GroupCount {
    count: usize,
    /// The number of what it got last.
    latest: u64,
}

/// The group around it, its count, what it got last, and the group.
type GroupRank = (Option<ClientGroup>, usize, Reverse<u64>, ClientGroup);

impl FairTally {
    /// A client has one more. Numbers ascend.
    pub(super) fn add(&mut self, client: ClientAddress, number: u64) {
        for_each_level(client, |around, group| {
            let before = self.groups.get(&group).copied();
            let count = before.map_or(0, |before| before.count);
            let now = GroupCount {
                count: count.saturating_add(1),
                latest: number,
            };
            self.rank(around, group, before, Some(now));
            if group.is_client() {
                self.numbers.insert((group, number));
            }
        });
    }

    /// A client has one fewer: that with this number.
    pub(super) fn remove(&mut self, client: ClientAddress, number: u64) {
        for_each_level(client, |around, group| {
            let Some(before) = self.groups.get(&group).copied() else {
                return;
            };
            let now = GroupCount {
                count: before.count.saturating_sub(1),
                ..before
            };
            self.rank(
                around,
                group,
                Some(before),
                Some(now).filter(|now| now.count > 0),
            );
            if group.is_client() {
                self.numbers.remove(&(group, number));
            }
        });
    }

    /// How many a client has.
    pub(super) fn count_of(&self, client: ClientAddress) -> usize {
        let [.., client] = ClientGroup::of(client);
        self.groups.get(&client).map_or(0, |group| group.count)
    }

    /// The oldest that a client has.
    pub(super) fn oldest_of(&self, client: ClientAddress) -> Option<u64> {
        let [.., client] = ClientGroup::of(client);
        self.oldest(client)
    }

    /// The one to drop next.
    pub(super) fn next(&self) -> Option<u64> {
        let mut around = None;
        loop {
            let first = (around, 0, Reverse(u64::MAX), ClientGroup::LEAST);
            let last = (around, usize::MAX, Reverse(0), ClientGroup::GREATEST);
            let (_, _, _, group) = self.order.range(first..=last).next_back()?;
            if group.is_client() {
                return self.oldest(*group);
            }
            around = Some(*group);
        }
    }

    /// The number of groups, each of which takes memory.
    pub(super) fn groups(&self) -> usize {
        self.groups.len()
    }

    fn oldest(&self, client: ClientGroup) -> Option<u64> {
        let all = (client, 0)..=(client, u64::MAX);
        self.numbers.range(all).next().map(|(_, number)| *number)
    }

    fn rank(
        &mut self,
        around: Option<ClientGroup>,
        group: ClientGroup,
        before: Option<GroupCount>,
        now: Option<GroupCount>,
    ) {
        let rank = |of: GroupCount| (around, of.count, Reverse(of.latest), group);
        if let Some(before) = before {
            self.order.remove(&rank(before));
        }
        match now {
            Some(now) => {
                self.order.insert(rank(now));
                self.groups.insert(group, now);
            }
            None => {
                self.groups.remove(&group);
            }
        }
    }
}

/// Each group of a client, with the one around it.
fn for_each_level(client: ClientAddress, mut act: impl FnMut(Option<ClientGroup>, ClientGroup)) {
    let mut around = None;
    for group in ClientGroup::of(client) {
        act(around, group);
        around = Some(group);
    }
}
