"""Plots: the figures that results draw of themselves and the app of records, from arrays to Altair charts.

Imported where something is drawn, and nowhere else, so that the science loads no Altair.
"""
