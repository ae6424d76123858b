//! `refuse`: the status of callbacks that are not verified.

use crate::config::reader::Value;
use crate::verify::RefusalStatus;

pub(super) fn refuse(value: Value<'_>) -> Option<RefusalStatus> {
    let table = value.table()?;
    let help = "add `status = 401`, or what the provider's documentation says";
    let status = table.require("status", help)?;
    RefusalStatus::new(status.integer()?).or_else(|| {
        status
            .error(
                "invalid status",
                "callbacks are not refused with this status",
            )
            .help("write 400, 401, 403, 412 or 422: with others, providers stop or go elsewhere")
            .report()
    })
}
