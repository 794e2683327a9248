"""Path finders: how two images of one class are joined by a path of low loss.

`settings` imports no torch; the rest does. A new finder is one `PathProblem` and one entry in
`connecting.FINDERS`.
"""
