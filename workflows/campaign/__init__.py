"""The yearly campaign (P18): planned, issued, sent out in batches, urged, closed and summed up."""
