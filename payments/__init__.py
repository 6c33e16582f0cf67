"""collects, receives, refunds, disburses, deposits."""
