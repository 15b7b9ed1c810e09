//! An HTTP answer, as it came over the wire.

use serde_json::Value;

/// Status, headers in their order, and the body with any chunking undone.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// Reads a whole answer from the bytes of a connection that the server has closed.
    pub fn parse(bytes: &[u8]) -> Self {
        let end = find(bytes, b"\r\n\r\n").unwrap_or_else(|| {
            panic!(
                "no end of the head in {:?}",
                String::from_utf8_lossy(&bytes[..bytes.len().min(300)])
            )
        });
        let head = std::str::from_utf8(&bytes[..end]).expect("the head is ASCII");
        let mut lines = head.split("\r\n");
        let status = lines.next().expect("a status line");
        let status = status
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok())
            .expect("a status code");
        let headers: Vec<(String, String)> = lines
            .map(|line| {
                let (name, value) = line.split_once(':').expect("a header line");
                (name.to_ascii_lowercase(), value.trim().to_owned())
            })
            .collect();
        let rest = &bytes[end + 4..];
        let chunked = headers
            .iter()
            .any(|(name, value)| name == "transfer-encoding" && value == "chunked");
        let body = if chunked {
            unchunk(rest)
        } else {
            rest.to_vec()
        };
        Self {
            status,
            headers,
            body,
        }
    }

    /// The value of a header; panics where it is there twice, which none of ours may be.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(n, _)| n == name);
        let first = found.next();
        assert!(found.next().is_none(), "{name} is there twice");
        first.map(|(_, value)| value.as_str())
    }

    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.header("location")
            .unwrap_or_else(|| panic!("{} without a location: {}", self.status, self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!("{} is not JSON ({error}): {}", self.status, self.text())
        })
    }

    /// Asserts the status and gives the answer back.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// Asserts that this is an error of the one shape, of this status and type; gives its body.
    #[track_caller]
    pub fn error(&self, status: u16, kind: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), Some("application/json"));
        let body = self.json();
        assert_eq!(body["type"], kind, "{body}");
        assert_eq!(body["code"], kind, "{body}");
        assert_eq!(body["error"], body["message"], "{body}");
        assert!(body["error"].as_str().is_some_and(|text| !text.is_empty()));
        let id = body["requestId"].as_str().expect("a requestId");
        assert!(id.starts_with("req_"), "{id}");
        assert_eq!(self.header("x-request-id"), Some(id));
        let known = [
            "error",
            "type",
            "code",
            "message",
            "requestId",
            "actionRequired",
            "details",
        ];
        for name in body.as_object().expect("an object").keys() {
            assert!(
                known.contains(&name.as_str()),
                "{name} is no field of errors"
            );
        }
        body
    }

    /// Asserts a 400 about exactly this field with this code; gives the detail's message.
    #[track_caller]
    pub fn field_error(&self, field: &str, code: &str) -> String {
        let body = self.error(400, "BAD_REQUEST");
        let details = body["details"].as_array().expect("details").clone();
        assert_eq!(details.len(), 1, "{body}");
        assert_eq!(details[0]["field"], field, "{body}");
        assert_eq!(details[0]["code"], code, "{body}");
        let message = details[0]["message"].as_str().expect("a message");
        message.to_owned()
    }
}

fn unchunk(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let line = find(rest, b"\r\n").expect("the length of a chunk");
        let length = std::str::from_utf8(&rest[..line]).expect("ASCII");
        let length = usize::from_str_radix(length, 16).expect("hexadecimal");
        rest = &rest[line + 2..];
        if length == 0 {
            return body;
        }
        body.extend_from_slice(&rest[..length]);
        rest = &rest[length + 2..];
    }
}

/// Where `needle` begins in `hay`.
pub fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|part| part == needle)
}
