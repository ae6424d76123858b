//! `explain`: what it says of requests that were broken on purpose, and what it never says.

mod broken_requests;
mod captured_request;
mod careful_advice;
mod cheezeepay_example;
mod damaged_requests;
mod diagnosis_page;
mod explain_command;
mod hostile_requests;
mod no_secrets;
mod opened;
mod planted_deviations;
mod repeated_headers;
mod scene;
