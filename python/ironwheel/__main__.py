"""``python -m ironwheel`` is the command ``ironwheel``."""

from ironwheel.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
