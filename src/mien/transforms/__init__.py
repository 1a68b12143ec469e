"""What happens to faces between a FaceSet and a network: preparation, balance, augmentation, views."""
