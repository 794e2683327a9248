"""The real–adversarial page: attacked pictures, and the barriers between them and real ones."""
