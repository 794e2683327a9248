"""A page about one pair of pictures: choose them, see the straight path at once, search a better one."""
