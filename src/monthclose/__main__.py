"""`python -m monthclose`: the command line."""

from monthclose.cli.main import main

if __name__ == "__main__":
    main()
