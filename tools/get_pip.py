# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stands in for the get-pip script that ansible-test downloads when it makes a virtual environment.

The host of that download is not reachable everywhere; ansible-test takes a file in its cache instead. This one
bootstraps with ensurepip and then installs the requested version of pip.
"""

import subprocess
import sys

# In a process of its own: ensurepip turns off pip's configuration, which may name a mirror or a CA.
subprocess.check_call([sys.executable, "-m", "ensurepip"], stdout=subprocess.DEVNULL)
arguments = [argument for argument in sys.argv[1:] if argument not in ("--no-setuptools", "--no-wheel")]
sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", "--quiet", *arguments]))
