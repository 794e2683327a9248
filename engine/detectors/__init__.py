"""Detectors of adversarial images, one file each behind one contract (`base`); `detecting` knows them all."""
