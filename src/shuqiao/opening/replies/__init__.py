"""Written replies in official form: words frozen when the reply is issued, files made from them (Shenyang 26)."""
