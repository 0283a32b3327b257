import os
import sys
import tempfile
from pathlib import Path

made = Path(tempfile.mkdtemp()) / "job.py"
made.write_text("\n" * 7 + "raise RuntimeError('in another file')\n")
os.execv(sys.executable, [sys.executable, str(made)])
