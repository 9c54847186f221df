//! S10: order, payment, hold and shipment tell one story.

use stormcart_sim::property::Modality;

use super::{Finding, Property, UNCHECKED, check};
use crate::checkout::domain::{HoldEnd, PaymentStatus as Payment, ShipmentStatus as Shipment, Status};
use crate::checkout::ledger::{Ledger, OrderTruth};

/// S10.
pub const PROPERTY: Property = Property {
    id: "S10",
    name: "services agree",
    slug: "services-agree",
    modality: Modality::Rest,
    definition: "the final tuple of order, payment, hold and shipment is one of those allowed",
    mutant: "timeout=failed",
    benign: "retry=doubled",
    rest: Some(rest),
    ..UNCHECKED
};

/// What each final status allows of payment, hold and shipment.
fn allowed(order: &OrderTruth) -> bool {
    let (payment, shipment) = (order.payment, order.shipment);
    let unpaid = matches!(payment, None | Some(Payment::Declined | Payment::Withdrawn));
    let freed = matches!(order.hold, None | Some(Some(HoldEnd::Released | HoldEnd::Expired)));
    match order.status {
        Some(Status::Completed) => {
            matches!(payment, Some(Payment::Charged | Payment::NotNeeded))
                && order.hold == Some(Some(HoldEnd::Confirmed))
                && shipment == Some(Shipment::Dispatched)
        }
        Some(Status::Rejected) => unpaid && freed && shipment.is_none(),
        Some(Status::Cancelled) => {
            (unpaid || payment == Some(Payment::NotNeeded)) && freed && shipment.is_none()
        }
        Some(Status::Refunded) => {
            payment == Some(Payment::Refunded)
                && (freed || order.hold == Some(Some(HoldEnd::Returned)))
                && matches!(shipment, None | Some(Shipment::Refused))
        }
        Some(Status::Pending) | None => false,
    }
}

fn rest(_: &Ledger, order: &OrderTruth) -> Finding {
    if order.status.is_none() || order.parked {
        return Finding::Silent;
    }
    check(allowed(order), || {
        let word = |debug: String| debug.to_lowercase();
        format!(
            "order {}, payment {}, hold {}, shipment {}",
            order.status.unwrap_or_default(),
            order.payment.map_or("none".into(), |row| word(format!("{row:?}"))),
            order.hold.map_or("none".into(), |end| end.map_or("live".into(), |end| word(format!("{end:?}")))),
            order.shipment.map_or("none".into(), |row| word(format!("{row:?}"))),
        )
    })
}
