"""The benchmark: how well every detector tells attacked images from clean ones, beside the paper."""
