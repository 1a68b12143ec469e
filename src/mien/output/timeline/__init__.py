"""What a video comes to: who showed what for how long, as a summary and as a chart."""
