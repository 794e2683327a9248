"""The runs page: every stored result, and the jobs that are making new ones."""
