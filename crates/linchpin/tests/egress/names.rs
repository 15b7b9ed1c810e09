//! A name server that answers as a test says, over UDP.

use std::{
    collections::HashMap,
    net::{IpAddr, UdpSocket},
    sync::{Arc, Mutex},
    thread,
};

/// The type of a question for addresses of IPv4.
const A: u16 = 1;
/// The same for IPv6.
const AAAA: u16 = 28;

/// The addresses of a name. Those of the first list answer its first question, and so on; the last one stays.
type Answers = Vec<Vec<IpAddr>>;

/// What is known of a name, and how often it was asked for its addresses of either kind.
#[derive(Default)]
struct Known {
    answers: Answers,
    asked: HashMap<u16, usize>,
    silent: bool,
}

/// The name server of a network. A name that it does not know does not exist.
#[derive(Clone, Default)]
pub struct Names(Arc<Mutex<HashMap<String, Known>>>);

impl Names {
    pub fn serve() -> Self {
        let names = Self::default();
        let socket = UdpSocket::bind("127.0.0.1:53").unwrap();
        let known = names.clone();
        thread::spawn(move || {
            let mut packet = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut packet) {
                if let Some(answer) = known.answer(&packet[..length]) {
                    let _ = socket.send_to(&answer, from);
                }
            }
        });
        names
    }

    /// From now on a name has these addresses.
    pub fn set(&self, name: &str, addresses: &[&str]) {
        self.set_in_turn(name, &[addresses]);
    }

    /// The same, with other addresses at each question.
    pub fn set_in_turn(&self, name: &str, answers: &[&[&str]]) {
        let read = |texts: &&[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        let known = Known {
            answers: answers.iter().map(read).collect(),
            ..Known::default()
        };
        self.0.lock().unwrap().insert(name.to_owned(), known);
    }

    /// From now on questions for a name get no answer at all.
    pub fn silence(&self, name: &str) {
        let known = Known {
            answers: vec![Vec::new()],
            silent: true,
            ..Known::default()
        };
        self.0.lock().unwrap().insert(name.to_owned(), known);
    }

    /// How often the addresses of a name were asked for.
    pub fn asked(&self, name: &str) -> usize {
        let known = self.0.lock().unwrap();
        known[name].asked.get(&A).copied().unwrap_or_default()
    }

    /// `None` for silence.
    fn answer(&self, question: &[u8]) -> Option<Vec<u8>> {
        let (name, end) = name_in(question);
        let kind = u16::from_be_bytes([question[end], question[end + 1]]);
        let addresses = self.addresses(&name, kind);
        if self
            .0
            .lock()
            .unwrap()
            .get(&name)
            .is_some_and(|known| known.silent)
        {
            return None;
        }
        let code = if addresses.is_some() { 0 } else { 3 };
        let addresses = addresses.unwrap_or_default();
        let count = u16::try_from(addresses.len()).unwrap();
        let mut answer = question[..2].to_vec();
        answer.extend([0x81, 0x80 | code, 0, 1]);
        answer.extend(count.to_be_bytes());
        answer.extend([0; 4]);
        answer.extend(&question[12..end + 4]);
        for address in addresses {
            // The name of the question, the class of the internet, and half a minute to live.
            answer.extend([0xc0, 12]);
            answer.extend(kind.to_be_bytes());
            answer.extend([0, 1, 0, 0, 0, 30]);
            let bytes = match address {
                IpAddr::V4(ip) => ip.octets().to_vec(),
                IpAddr::V6(ip) => ip.octets().to_vec(),
            };
            answer.extend(u16::try_from(bytes.len()).unwrap().to_be_bytes());
            answer.extend(bytes);
        }
        Some(answer)
    }

    /// The addresses of a kind; `None` where there is no such name.
    fn addresses(&self, name: &str, kind: u16) -> Option<Vec<IpAddr>> {
        let mut known = self.0.lock().unwrap();
        let known = known.get_mut(name)?;
        let asked = known.asked.entry(kind).or_default();
        let turn = (*asked).min(known.answers.len() - 1);
        *asked += 1;
        let of_kind = |ip: &IpAddr| match kind {
            A => ip.is_ipv4(),
            AAAA => ip.is_ipv6(),
            _ => false,
        };
        Some(
            known.answers[turn]
                .iter()
                .copied()
                .filter(of_kind)
                .collect(),
        )
    }
}

/// The name that a message asks for, and where it ends.
fn name_in(message: &[u8]) -> (String, usize) {
    let mut labels = Vec::new();
    let mut at = 12;
    while message[at] != 0 {
        let end = at + 1 + usize::from(message[at]);
        labels.push(String::from_utf8_lossy(&message[at + 1..end]).to_lowercase());
        at = end;
    }
    (labels.join("."), at + 1)
}
