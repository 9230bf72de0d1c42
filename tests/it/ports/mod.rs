//! One conformance suite for each port.

<<<<<<< HEAD
mod netsuite;
=======
mod shopify;
>>>>>>> shopify
mod store;
