//! `GET /api/v2/licenses`: licences of the product.

use roster::api::deployment::License;
use roster::http::{Authenticated, Payload};

/// There are none to see, for anybody.
pub(crate) async fn list_licenses(_: Authenticated) -> Payload<[License; 0]> {
    Payload([])
}
