"""The optimal-manifold page: make modes of a class from noise, connect them, explore what they span."""
