"""``python -m fakestash`` is the command ``fakestash``."""

from fakestash.cli import main

if __name__ == "__main__":
    main()
