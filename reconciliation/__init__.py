"""compares what banks say with what we recorded."""
