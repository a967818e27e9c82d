"""A chief and its workers as child processes: started together, watched, and ended together."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from helpers import paths
from helpers.errors import UserError
from helpers.tuning.trials import read_trials
from helpers.tuning.worker import Job

HOST = "127.0.0.1"  # nobody outside this machine can reach the chief
_CHIEF = "chief"
_RESTARTS = 3  # of one worker
_POLL_SECONDS = 0.3
_GRACE_SECONDS = 5.0


class Team:
    """A context manager that runs one search in several processes.

    Args:
        job: the search.
        workers: number of workers; the chief comes on top, and is idle most of the time.
        patience: seconds without any news from the search after which it is given up.
        say: takes one line for the user.
    """

    def __init__(self, job: Job, workers: int, patience: float, say: Callable[[str], None]):
        self.job, self.patience, self.say = job, patience, say
        self.folder = Path(job.folder)
        self.logs = self.folder / "logs"
        self.members: dict[str, subprocess.Popen] = {}
        self.names = [f"worker{number}" for number in range(1, workers + 1)]
        self.restarts = dict.fromkeys(self.names, 0)
        self.port = _free_port()

    def __enter__(self) -> "Team":
        self.logs.mkdir(parents=True, exist_ok=True)
        for name in (_CHIEF, *self.names):
            self._start(name)
        return self

    def __exit__(self, *_error) -> None:
        for process in self.members.values():
            process.terminate()
        deadline = time.monotonic() + _GRACE_SECONDS
        for process in self.members.values():
            try:
                process.wait(max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdin.close()

    def watch(self, on_progress: Callable[[int], None]) -> None:
        """Wait until the search is done.

        Args:
            on_progress: takes the number of finished trials, a few times a second.

        Raises:
            UserError: the chief died, a worker died too often, or nothing happens any more.
        """
        news, since = None, time.monotonic()
        while not self._is_done():
            trials = read_trials(self.folder)
            on_progress(sum(trial.finished for trial in trials))
            if (state := [(trial.name, trial.status) for trial in trials]) != news:
                news, since = state, time.monotonic()
            if time.monotonic() - since > self.patience:
                raise UserError(
                    f"nothing happened for {self.patience / 60:.3g} minutes: look into {self.logs},"
                    " or allow more --patience; finished trials are kept"
                )
            time.sleep(_POLL_SECONDS)
        on_progress(sum(trial.finished for trial in read_trials(self.folder)))

    def _is_done(self) -> bool:
        """Whether chief or workers have come to the end; whoever died is seen to."""
        chief = self.members[_CHIEF].poll()
        if chief == 0:  # it knows of no open trial: a worker that is late would wait for an hour
            return True
        if chief is not None:
            raise UserError(
                self._last_error(_CHIEF)
                or f"the chief {_ending(chief)} (see {self._log(_CHIEF)}): run the same command "
                "again, finished trials are kept"
            )
        for name in self.names:
            code = self.members[name].poll()
            if code not in (None, 0):
                self._replace(name, code)
        return all(self.members[name].poll() == 0 for name in self.names)

    def _replace(self, name: str, code: int) -> None:
        """Start a dead worker again; by its name the chief gives it the same trial again."""
        if (error := self._last_error(name)) or self.restarts[name] >= _RESTARTS:
            raise UserError(
                error
                or f"{name} {_ending(code)}, for the {_RESTARTS + 1}th time (see {self._log(name)})"
                ": finished trials are kept, run the same command again"
            )
        self.restarts[name] += 1
        self.say(f"{name} {_ending(code)}; started again, its trial begins anew")
        self.members[name].stdin.close()
        self._start(name)

    def _start(self, name: str) -> None:
        environment = os.environ | {
            "KERASTUNER_TUNER_ID": name,
            "KERASTUNER_ORACLE_IP": HOST,
            "KERASTUNER_ORACLE_PORT": str(self.port),
            "OMP_NUM_THREADS": "1",  # one core each: more would only get in each other's way
            "TF_NUM_INTRAOP_THREADS": "1",
            "TF_NUM_INTEROP_THREADS": "1",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "GRPC_VERBOSITY": "ERROR",
            "PYTHONUNBUFFERED": "1",
            "no_proxy": HOST,  # gRPC would ask a proxy even for this machine
        }
        with self._log(name).open("w", encoding="utf-8") as log:
            self.members[name] = subprocess.Popen(
                [sys.executable, "-m", "helpers.tuning.worker", self.job.to_json()],
                cwd=paths.ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the parent alone, which ends the others
            )

    def _log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def _last_error(self, name: str) -> str:
        """What a member wrote as its error, if anything."""
        lines = self._log(name).read_text("utf-8", errors="replace").splitlines()
        errors = [line for line in lines if line.startswith("error: ")]
        return errors[-1].removeprefix("error: ") if errors else ""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def _ending(code: int) -> str:
    return f"was killed (signal {-code})" if code < 0 else f"ended with code {code}"
