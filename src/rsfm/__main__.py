"""`python -m rsfm` is the command `rsfm`."""

from rsfm.cli import main

main()
