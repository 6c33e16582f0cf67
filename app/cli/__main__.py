"""`python -m app.cli`: the `lunas` command where the script is not on the path.

For: the demo and the tests, which start it with the interpreter they run on.
Not for: anything else.
"""

from app.cli import main

main()
