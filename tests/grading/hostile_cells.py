# ruff: noqa: E501
"""Cells that a batch must survive: what they do, and whether the rest of a notebook still counts.

`CELLS` go in front of or behind right answers and must cost these nothing. `FORGERIES` replace
`double`, which should give back twice its argument, and must gain nothing.
"""

CELLS = {
    "raises": "1 / 0",
    "no Python": "this is no program (",
    "exits": "import sys; sys.exit()",
    "ends the process": "import os; os._exit(0)",
    "kills itself": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "kills its group": "import os, signal; os.killpg(0, signal.SIGKILL)",
    "kills everybody": "import os, signal; os.kill(-1, signal.SIGKILL)",
    "crashes": "import ctypes; ctypes.string_at(0)",
    "endless": "while True:\n    pass",
    "endless, catches all": "while True:\n    try:\n        pass\n    except BaseException:\n        pass",
    "endless in native code": "import re; re.match('(a*)*b', 'a' * 60)",
    "ignores signals": (
        "import signal\nfor n in range(1, 64):\n    try:\n        signal.signal(n, signal.SIG_IGN)\n"
        "    except (OSError, ValueError):\n        pass\nwhile True:\n    pass"
    ),
    "prints without end": "while True:\n    print('x' * 100_000)",
    "prints control signs": "print('\\x1b[2J\\x00\\ud800</script><script>alert(1)</script>')",
    "takes memory": "x = []\nwhile True:\n    x.append(bytearray(1 << 24))",
    "forks without end": "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass",
    "leaves a daemon": (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        time.sleep(1000)\n    os._exit(0)"
    ),
    "leaves a thread": (
        "import threading\nthreading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()"
    ),
    "closes every file": "import os; os.closerange(0, 1024)",
    "closes its way to the grader": "import os; os.close(100)",
    "fills the disk": "with open('x', 'wb') as f:\n    while True:\n        f.write(bytes(1 << 20))",
    "a million files": "for i in range(10**6):\n    open(f'{i}', 'w').close()",
    "asks for input": "name = input('Your name? ')",
    "a debugger": "breakpoint()",
    "installs": "!pip install nothing-of-this-name",
    "Colab's own": "from google.colab import drive\ndrive.mount('/content/drive')",
    "goes elsewhere": "import os\nos.chdir('/tmp')",
    "magics": "%matplotlib inline\n%time 1 + 1\n%load_ext autoreload\n!nvidia-smi",
    "changes builtins": (
        "import builtins, json, os\nbuiltins.len = lambda x: 7\njson.dumps = json.loads = None\n"
        "os.write = os.read = None\nbuiltins.isinstance = lambda *a: True"
    ),
    "changes NumPy": "import numpy as np\nnp.asarray = np.ndarray.tobytes = None",
    "its own names": "list = dict = str = print = type = sum = range = 3",
    "deep recursion": "import sys\nsys.setrecursionlimit(10**9)\ndef f():\n    return f()\nf()",
    "forks and goes on": "import os\nos.fork()",
    "an odd exception": (
        "class Odd(Exception):\n    def __str__(self):\n        raise Odd\n"
        "    __repr__ = __str__\nraise Odd"
    ),
    "stops the alarm": "import signal\nsignal.setitimer = signal.signal = lambda *a: None\nwhile True: pass",
}  # fmt: skip

_READ = "import builtins, gc, os, sys, inspect\n"
FORGERIES = {
    "None": "def double(x): return None",
    "a constant": "def double(x): return 2",
    "its argument": "def double(x): return x",
    "equal to all": (
        "class All:\n    def __eq__(self, other): return True\n    def __array__(self, *a, **k): return 2\n"
        "def double(x): return All()"
    ),
    "a liar's array": (
        "import numpy as np\nclass Lie(np.ndarray):\n    def __eq__(self, other): return True\n"
        "def double(x): return np.zeros(3).view(Lie)"
    ),
    "an int that lies": "class I(int):\n    def __eq__(self, o): return True\ndef double(x): return I()",
    "forged frames": (
        "import os, json, struct\n"
        "for text in (json.dumps({'dict': [['value', 84]]}), json.dumps({'dict': [['ready', True]]})):\n"
        "    for _ in range(20):\n"
        "        os.write(100, struct.pack('>I', len(text)) + b'J' + text.encode())\n"
        "os._exit(0)"
    ),
    "garbage frames": "import os\nos.write(100, b'\\xff' * 1000)",
    "a huge frame": "import os\nos.write(100, b'\\xff\\xff\\xff\\xffJ')\nimport time; time.sleep(2)",
    "prints a pass": "print('public checks passed: 9 of 9')\nraise SystemExit(0)",
    "a class that explodes": (
        "class B:\n    def __getattribute__(self, name): raise SystemExit\n"
        "    def __class__(self): raise SystemExit\ndef double(x): return B()"
    ),
    "endless": "def double(x):\n    while True:\n        pass",
    "endless, catches all": (
        "def double(x):\n    while True:\n        try:\n            pass\n"
        "        except BaseException:\n            pass"
    ),
    "ends the process": "import os\ndef double(x): os._exit(0)",
    "a generator": "def double(x):\n    while True:\n        yield x",
    "nested without end": "def double(x):\n    a = []\n    a.append(a)\n    return a",
    "a gigabyte": "def double(x): return 'x' * (1 << 30)",
    "a large number": "def double(x): return 10 ** 10 ** 6",
    "looks for the answer": (
        _READ + "def double(x):\n    for o in gc.get_objects():\n        if type(o) is dict and"
        " 'expected' in o:\n            return o['expected']\n"
        "    for f in inspect.stack():\n        for v in f.frame.f_locals.values():\n"
        "            if isinstance(v, dict) and 'right' in v:\n                return v['right']\n"
    ),
    "no function": "double = 84",
    "not there": "",
}  # fmt: skip
