"""The recipes lie in a folder that is no package; they find each other beside them, and so do their tests."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "datasets"))
