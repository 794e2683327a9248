"""Parts of the detectors that need torch or scikit-learn at import; no detector is declared here."""
