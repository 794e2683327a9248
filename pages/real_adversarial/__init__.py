"""The real–adversarial page: attack a picture into another's class, and look at the path between them."""
