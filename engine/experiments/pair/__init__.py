"""One pair of images: real with real, and real with attacked."""
