//! Which topics have something new: how the publisher tells it to those who write to clients.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::task::Waker;

use futures_util::task::AtomicWaker;

/// The topics with news since they were last taken. One task takes them, anybody notes them.
#[derive(Debug)]
pub struct News {
    noted: Mutex<Noted>,
    reader: AtomicWaker,
}

/// Each topic at most once.
#[derive(Debug)]
struct Noted {
    order: VecDeque<u32>,
    is_noted: Box<[bool]>,
}

impl News {
    pub(super) fn of(topics: usize) -> News {
        let noted = Noted { order: VecDeque::new(), is_noted: vec![false; topics].into() };
        News { noted: Mutex::new(noted), reader: AtomicWaker::new() }
    }

    /// Has `waker` woken by the next news. Those that came before are to be taken after this.
    pub fn wake(&self, waker: &Waker) {
        self.reader.register(waker);
    }

    /// The number of a topic that has news, the longest waiting first.
    pub fn take(&self) -> Option<u32> {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let topic = noted.order.pop_front()?;
        noted.is_noted[topic as usize] = false;
        Some(topic)
    }

    pub(super) fn note(&self, topic: u32) {
        {
            let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
            if std::mem::replace(&mut noted.is_noted[topic as usize], true) {
                return;
            }
            noted.order.push_back(topic);
        }
        self.reader.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_taken_once_for_all_its_news_in_the_order_of_the_first() {
        let news = News::of(3);
        [2, 0, 2, 0].into_iter().for_each(|topic| news.note(topic));
        assert_eq!((news.take(), news.take(), news.take()), (Some(2), Some(0), None));
        news.note(2);
        assert_eq!((news.take(), news.take()), (Some(2), None));
    }
}
