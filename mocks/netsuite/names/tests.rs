use proptest::prelude::*;

use super::Names;

proptest! {
    #[test]
    fn any_text_comes_back_as_it_was(texts in proptest::collection::vec("[a-z0-9#-]{0,24}|.{0,6}", 1..20)) {
        let mut names = Names::default();
        let kept: Vec<_> = texts.iter().map(|text| names.keep(text)).collect();
        for (text, name) in texts.iter().zip(&kept) {
            prop_assert_eq!(&*names.text(*name), text.as_str());
            prop_assert_eq!(names.find(text), Some(*name));
        }
        for (left, one) in texts.iter().zip(&kept) {
            for (right, other) in texts.iter().zip(&kept) {
                prop_assert_eq!(left == right, one == other);
            }
        }
    }
}
