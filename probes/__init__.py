"""What this machine is and can do: hardware, installed frameworks, measurements."""
