//! One exchange over HTTP without its socket: what a server was asked, and what it answers.
//!
//! The HTTP face of each twin is a function from [`Asked`] to [`Told`]; who listens, and how fast time passes, is not
//! its business (`sim::live`).

/// A request whose head and body were read to their end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// In capitals: `POST`.
    pub method: String,
    /// As sent, percent-encoding kept: `/services/rest/record/v1/customer/eid:SHOP-1`.
    pub path: String,
    /// What follows the question mark, as sent; empty without one.
    pub query: String,
    /// Names in lower case, in the order sent; a name may come twice.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Asked {
    /// The first value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Puts another host in the place of the one that was asked for: a port of this machine stands for it.
    pub fn name_host(&mut self, host: &str) {
        let Some((_, asked)) = self.headers.iter_mut().find(|(name, _)| name == "host") else {
            self.headers.push(("host".to_owned(), host.to_owned()));
            return;
        };
        let asked = std::mem::replace(asked, host.to_owned());
        if self.header("x-forwarded-host").is_none() {
            self.headers.push(("x-forwarded-host".to_owned(), asked));
        }
    }
}

/// An answer as it travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}
