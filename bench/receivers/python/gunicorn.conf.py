"""How the receiver is served; gunicorn finds this file by itself."""

import os

bind = f"127.0.0.1:{os.environ['PORT']}"
# As in Google's samples for Cloud Run: one process for one vCPU, threads for what waits, and no time limit beside the
# platform's own.
workers = 1
threads = 8
timeout = 0
# It would lie in the home folder, which a container need not have.
control_socket_disable = True
