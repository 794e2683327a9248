"""Parts of the attacks that need torch at import; no attack is declared here."""
