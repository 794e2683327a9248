"""The barriers of thousands of pairs."""
