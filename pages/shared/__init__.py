"""What pages share: the frame around them, controls, figures, jobs and downloads."""
