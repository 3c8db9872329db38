"""Sends the calls of a change to Azure as they are written in the plan, and follows the operations they start."""

from __future__ import annotations

from datetime import datetime

from failback.azure import change as sending
from failback.azure.clients import AzureClients
from failback.azure.permissions import lacking_in_azure
from failback.azure.polling import OperationProgress
from failback.changes.change import Call, Change
from failback.changes.operation import Operation
from failback.changes.run_command import check_answer, is_run_command
from failback.clock import Clock
from failback.errors import ChangeFailedError, InputError, InterruptedByOperatorError
from failback.progress import Cancelled, Progress
from wizard_steps.outside import visible
from wizard_steps.wording import _


class ThroughAzure:
    """The wire to Azure Resource Manager."""

    def __init__(self, clients: AzureClients, clock: Clock) -> None:
        """Use the session's clients; what may be sent is held to the list of changes by `failback.azure.change`."""
        self._clients = clients
        self._clock = clock

    def ready(self, _change: Change) -> None:
        """Do nothing: every request to Azure proves its own sign-in."""

    def send(self, call: Call) -> Operation:
        """Send one request, with its body and its guard; see `Wire.send`."""
        body, headers = call.args.get("body"), call.args.get("headers")
        try:
            begun = sending.send(
                self._clients, call.args["path"], self._clock, verb=call.method, body=body, headers=headers
            )
        except InputError as error:  # the sign-in no longer works: the request was never let out
            raise ChangeFailedError(error.what, error.why, error.next_step) from error
        return Operation("azure", begun.token, begun.job_id or _("the operation"))

    def follow(self, call: Call, operation: Operation, told: Progress, cancelled: Cancelled) -> None:
        """Follow an operation to its end; see `Wire.follow`."""

        def tell(state: OperationProgress) -> None:
            told(_in_words(operation, state))

        try:
            answer = sending.follow(self._clients, operation.handle, self._clock, told=tell, cancelled=cancelled)
        except InterruptedByOperatorError as error:
            raise InterruptedByOperatorError(
                error.what,
                _("{name} goes on in Azure").format(name=visible(operation.name)),
                _("look at the vault's job list"),
            ) from error
        if is_run_command(str(call.args["path"])):
            check_answer(answer)

    def traces(self, call: Call, since: datetime, known: frozenset[str]) -> tuple[Operation, ...]:
        """Return nothing: what Azure is doing is only found again by the token, so what is there decides."""
        return ()

    def lacking(self, change: Change) -> tuple[str, ...]:
        """Ask Azure what this account may do on what the change touches; see `Wire.lacking`."""
        paths = [str(call.args["path"]) for call in change.calls if call.system == "azure"]
        return lacking_in_azure(self._clients, paths, change.privileges)


def _in_words(operation: Operation, state: OperationProgress) -> str:
    name, word = visible(operation.name), visible(state.word)
    if state.percent is None:
        return _("{name} runs in Azure: {word}").format(name=name, word=word)
    return _("{name} runs in Azure: {word}, {percent} %").format(name=name, word=word, percent=round(state.percent))
