"""Is it an attack? Images are given, judged by a benchmark's detectors, and the verdict is explained."""
