//! The catalogue: schemes of providers that come with the program.

mod catalogue_files;
mod own_schemes;
mod provider_pages;
mod route_to_copy;
mod scheme_list;

use std::sync::LazyLock;

use countersign::config::{ShippedScheme, shipped_schemes};

/// All schemes of the catalogue.
static SCHEMES: LazyLock<Vec<ShippedScheme>> =
    LazyLock::new(|| shipped_schemes().unwrap_or_else(|report| panic!("{report}")));
