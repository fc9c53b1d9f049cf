"""What a plan may say of each kind of step: data alone, one file for each place that is changed."""
