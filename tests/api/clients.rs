//! The requests of stock clients as they were recorded, each played in its order and with the body that the client
//! sends, members that are null or empty included. What is asserted is the status that the client insists on and what
//! it relies on in the answer (docs/api/clients.md); sections of features that are not here yet are missing.

mod cli;
mod sdk;
mod terraform;

use roster_tests::Answer;
use serde_json::{Value, json};

/// The answer, should it have everything at these places.
#[track_caller]
fn relies_on(answer: &Answer, pointers: &[&str]) {
    let body = answer.json();
    for pointer in pointers {
        assert!(body.pointer(pointer).is_some_and(|value| !value.is_null()), "no {pointer}: {}", answer.text);
    }
}

/// What the CLI and the SDK tell of a trial that nobody asked for.
fn first_user(password: &str) -> Value {
    json!({
        "email": "owner@example.com",
        "username": "owner",
        "name": "Olga Owner",
        "password": password,
        "trial": false,
        "trial_info": {
            "first_name": "",
            "last_name": "",
            "phone_number": "",
            "job_title": "",
            "company_name": "",
            "country": "",
            "developers": "",
        },
    })
}
