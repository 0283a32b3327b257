"""What the jobs on orders share."""
