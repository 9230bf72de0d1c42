use super::*;

#[test]
fn an_account_has_one_id_and_a_usual_host() {
    for (text, id, host) in [
        ("1234567", "1234567", "1234567"),
        ("1234567_SB1", "1234567_SB1", "1234567-sb1"),
        ("1234567-sb1", "1234567_SB1", "1234567-sb1"),
        ("TSTDRV123456", "TSTDRV123456", "tstdrv123456"),
    ] {
        let account: AccountId = text.parse().unwrap();
        assert_eq!(account.to_string(), id);
        let host = format!("https://{host}.suitetalk.api.netsuite.com");
        assert_eq!(account.usual_endpoint().to_string(), host);
    }
    for text in ["", "12 34", "evil.example/"] {
        assert!(text.parse::<AccountId>().is_err(), "{text}");
    }
}
