//! `GET /api/v2`: the root of the API.

use roster::api::envelope::Envelope;
use roster::http::Payload;

/// Needs no token.
pub(crate) async fn get_api_root() -> Payload<Envelope> {
    Payload(Envelope::message("This is Roster."))
}
