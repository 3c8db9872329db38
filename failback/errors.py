"""Every error this program raises on purpose, and the exit code each one means.

    FailbackError
      x InputError                          exit 2: what was given cannot be used as it is
        + UsageError                          wrong command, option or argument
        + ProfileError                        a profile that is unsafe, misspelled or of a newer kind
          - ProfileNotFoundError                there is none of that name
        + HomeError                           the program's own folder is not safe to use
        + SecretError                         a secret that is needed cannot be had
        + SignInRefusedError                  the password, token or certificate was not accepted
        + CertificateError                    the server could not prove who it is
          - CertificateUntrustedError           no pin, and no trusted authority vouches for it
          - CertificateChangedError             it is not the one that was pinned
        + NotFoundError                       the profile names something that does not exist
          - VaultNotFoundError
          - FabricNotFoundError
        + AmbiguousMachineError               a name that fits several machines
      x NotReachedError                     exit 3: the other side could not be read
        + UnreachableError                    nothing answers there
        + AccessDeniedError                   it answers, but not to this account
        + TimedOutError                       it did not answer in time
      x ChangeError                         what can go wrong while something is changed
        + ChangeFailedError                   exit 1: refused, or not as planned when read again
        + StalePlanError                      exit 1: the world moved since the plan was made
        + OutcomeUnknownError                 exit 3: sent, and nobody can say what became of it
      x InterruptedByOperatorError          exit 130: stopped by the person at the keyboard
      x InternalError                       exit 70: a defect of this program

The exit codes are a contract: scripts around `failback check` and `failback apply` rely on them.
"""

from __future__ import annotations

from typing import ClassVar

from wizard_steps.wording import _

EXIT_DONE = 0
EXIT_NOT_READY = 1
EXIT_WRONG_INPUT = 2
EXIT_UNKNOWN = 3
EXIT_INTERNAL = 70
EXIT_INTERRUPTED = 130


class FailbackError(Exception):
    """Something went wrong that a person can be told in one sentence.

    `what` names the thing (`vCenter vc1.example.com`), `why` is a clause about it (`the password was
    refused`), `next_step` tells the operator what to do (`check the username, then try again`). All three
    are translated and already safe to show: text from outside goes in through `.shown()` only.
    """

    exit_code: ClassVar[int] = EXIT_INTERNAL

    def __init__(self, what: str, why: str, next_step: str) -> None:
        """Keep the three parts apart, so that a screen can lay them out as it likes."""
        super().__init__(what, why, next_step)
        self.what = what
        self.why = why
        self.next_step = next_step

    def message(self) -> str:
        """Return the one sentence that names the thing, the reason and the next step."""
        return _("{what}: {why}; {next_step}.").format(
            what=self.what, why=self.why.rstrip(". "), next_step=self.next_step.rstrip(". ")
        )

    def __str__(self) -> str:
        """Return the same sentence as `message()`."""
        return self.message()


# What was given cannot be used as it is -- nothing was read, nothing goes to stdout.


class InputError(FailbackError):
    """What the operator gave (options, profile, secret, names) cannot be used as it is."""

    exit_code = EXIT_WRONG_INPUT


class UsageError(InputError):
    """A command, option or argument that does not exist or does not fit here."""


class ProfileError(InputError):
    """A profile that cannot be believed: unsafe, misspelled, or of a newer kind."""


class ProfileNotFoundError(ProfileError):
    """There is no profile of that name."""


class HomeError(InputError):
    """The folder or a file of the program's own is not safe to use: wrong owner, mode or kind."""


class SecretError(InputError):
    """A secret that is needed cannot be had: nobody to ask, no variable, no key ring."""


class SignInRefusedError(InputError):
    """The server answered and did not accept the password, token or certificate."""


class CertificateError(InputError):
    """The server could not prove who it is. No credential was sent."""


class CertificateUntrustedError(CertificateError):
    """No certificate is pinned and no trusted authority vouches for the one that was shown."""


class CertificateChangedError(CertificateError):
    """The server shows another certificate than the one that was pinned.

    `pinned` and `seen` are SHA-256 fingerprints (`AB:CD:...`), so that a person can compare them;
    `seen` is empty where the handshake ended before the certificate was known.
    """

    def __init__(self, what: str, why: str, next_step: str, *, pinned: str = "", seen: str = "") -> None:
        """Keep both fingerprints beside the sentence."""
        super().__init__(what, why, next_step)
        self.pinned = pinned
        self.seen = seen


class NotFoundError(InputError):
    """The profile names something that the other side does not have."""


class VaultNotFoundError(NotFoundError):
    """No such Recovery Services vault in that subscription and resource group."""


class FabricNotFoundError(NotFoundError):
    """No such fabric (configuration server) in the vault."""


class AmbiguousMachineError(InputError):
    """A machine name in the profile fits several machines; `candidates` are their ids or paths."""

    def __init__(self, what: str, why: str, next_step: str, *, candidates: tuple[str, ...] = ()) -> None:
        """Keep the candidates beside the sentence; they are already safe to show."""
        super().__init__(what, why, next_step)
        self.candidates = candidates


# The other side could not be read -- its half of the report is unknown, the other half is still told.


class NotReachedError(FailbackError):
    """vCenter or Azure could not be read; what it would have told is unknown."""

    exit_code = EXIT_UNKNOWN


class UnreachableError(NotReachedError):
    """Nothing answers at that address: name, route, firewall, or the service is down."""


class AccessDeniedError(NotReachedError):
    """It answers and knows the account, which may not see or do this."""


class TimedOutError(NotReachedError):
    """It did not answer within the time it was given."""


# What can go wrong while something is changed.


class ChangeError(FailbackError):
    """A change did not go as it was planned."""

    exit_code = EXIT_NOT_READY


class ChangeFailedError(ChangeError):
    """The change was refused, or what was read afterwards is not what was planned."""


class StalePlanError(ChangeError):
    """Something the plan rests on is different now; nothing was sent."""


class OutcomeUnknownError(ChangeError):
    """The change was sent, and whether it took effect could not be found out."""

    exit_code = EXIT_UNKNOWN


# The program itself.


class WorkGoneError(OutcomeUnknownError):
    """The system no longer knows the work it had taken on: it has ended, and nobody can say how."""


class InterruptedByOperatorError(FailbackError):
    """The person at the keyboard stopped it (Ctrl+C, or a closed terminal)."""

    exit_code = EXIT_INTERRUPTED


class InternalError(FailbackError):
    """A defect of this program; the details are in a crash file that names no secret."""

    exit_code = EXIT_INTERNAL
