//! A search for a cause: all suspects, changes to the scheme, and two of them at once.

use std::collections::HashSet;

use super::distinct_bodies::is_new_body;
use super::finding::Finding;
use super::suspects::{self, Surroundings};
use super::trial::Trial;
use super::variation::{Suspect, Suspects};

/// How long a search goes on, and who is told how far it is.
pub struct SearchBound<'p> {
    /// The most variations that are tried.
    pub most: usize,
    /// Told after every few of them how many were tried.
    pub progress: &'p mut dyn FnMut(usize),
    tried: usize,
    /// Whether one of them fits.
    found: bool,
}

impl<'p> SearchBound<'p> {
    /// A search of at most so many variations.
    pub fn new(most: usize, progress: &'p mut dyn FnMut(usize)) -> Self {
        Self {
            most,
            progress,
            tried: 0,
            found: false,
        }
    }

    /// How many were tried.
    #[must_use]
    pub const fn tried(&self) -> usize {
        self.tried
    }

    /// What came of it, in words.
    pub(super) fn told(&self) -> String {
        let (tried, most) = (self.tried, self.most);
        match (tried, self.found) {
            (0, _) => "not needed: the cause was found without it".to_owned(),
            (_, true) => format!("{tried} variations tried: the last one fits"),
            _ if tried >= most => {
                format!("{tried} variations tried, as many as allowed: none fits")
            }
            _ => format!("{tried} variations tried, which are all: none fits"),
        }
    }

    /// Whether one of them fits.
    pub(super) const fn has_found(&self) -> bool {
        self.found
    }

    /// Whether another may be tried.
    fn another(&mut self) -> bool {
        if self.tried >= self.most {
            return false;
        }
        self.tried = self.tried.saturating_add(1);
        if self.tried.is_multiple_of(1000) {
            (self.progress)(self.tried);
        }
        true
    }
}

/// The most bytes of all bodies that a search keeps at once.
const KEPT: usize = 64 << 20;

/// Looks for one or two changes that make the signature fit.
pub(super) fn search(
    trial: &Trial,
    around: &Surroundings,
    bound: &mut SearchBound<'_>,
) -> Option<Finding> {
    let found = fitting(trial, around, bound);
    bound.found = found.is_some();
    found
}

fn fitting(trial: &Trial, around: &Surroundings, bound: &mut SearchBound<'_>) -> Option<Finding> {
    // The usual suspects were tried before, each alone.
    for one in suspects::schemes(trial) {
        if !bound.another() {
            return None;
        }
        if trial.fits(&one.variation) {
            return Finding::of_suspects(&[&one]);
        }
    }
    let mut dimensions = suspects::dimensions(trial, around);
    dimensions.push(suspects::schemes(trial));
    let mut kept: Vec<Vec<Suspect>> = dimensions.into_iter().map(distinct).collect();
    // Small ones with each other first: they are soon done.
    kept.sort_by_key(Vec::len);
    for (nth, larger) in kept.iter().enumerate() {
        let smaller = kept.iter().take(nth).flatten();
        for (one, other) in smaller.flat_map(|one| larger.iter().map(move |other| (one, other))) {
            let Some(both) = one.variation.and(&other.variation) else {
                continue;
            };
            if !bound.another() {
                return None;
            }
            if trial.fits(&both) {
                return Finding::of_suspects(&[one, other]);
            }
        }
    }
    None
}

/// Those that differ, as far as their bodies do not take too much memory.
fn distinct(suspects: Suspects<'_>) -> Vec<Suspect> {
    let mut seen = HashSet::new();
    let mut size = 0_usize;
    let new = suspects.filter(|one| is_new_body(one, &mut seen));
    let kept = new.take_while(|one| {
        size = size.saturating_add(one.variation.body.as_ref().map_or(0, Vec::len));
        size <= KEPT
    });
    kept.collect()
}
