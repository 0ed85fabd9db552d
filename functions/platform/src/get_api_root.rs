//! `GET /api/v2`: says that the API is here.

use roster::api::envelope::Envelope;
use roster::http::Payload;

/// Nobody needs to be signed in.
pub(crate) async fn get_api_root() -> Payload<Envelope> {
    Payload(Envelope::message("This is Roster."))
}
