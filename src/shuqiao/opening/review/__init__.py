"""The review before anything opens: secrecy, personal data, licence, priority domains (Yingkou 28, 31; Shenyang 25,
28; Dongchangfu 21, 28). The only door to what is open of a resource."""
