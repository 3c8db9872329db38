"""`failback profile`: the saved profiles, made, shown and removed. Their text is documented in the file itself."""

from __future__ import annotations

import click

from failback.commands.everywhere import Command, Group, Option
from failback.commands.speaking import narrate, somebody_is_there, tell_data
from failback.errors import EXIT_DONE, EXIT_NOT_READY, UsageError
from wizard_steps.outside import visible
from wizard_steps.wording import N_, _

SIGN_INS = ("azure-cli", "device-code", "client-secret", "client-certificate", "managed-identity")


@click.group(
    "profile",
    cls=Group,
    short_help=N_("list, show, make or remove profiles"),
    help=N_("List, show, make or remove the saved profiles: one file for each site."),
)
def profile() -> None:
    """Hold the commands below together."""


@profile.command(
    "list",
    cls=Command,
    short_help=N_("the names of the saved profiles"),
    help=N_("List the names of the saved profiles, one a line."),
)
def list_profiles() -> int:
    """Print the names; the folder goes to standard error."""
    from failback import profiles

    names = profiles.saved_profiles()
    tell_data("".join(f"{visible(name)}\n" for name in names))
    told = (
        _("they are kept in {folder}")
        if names
        else _("no profile is saved in {folder} yet; make one with `failback profile new NAME`, or try `failback demo`")
    )
    narrate(told.format(folder=profiles.profile_folder()))
    return EXIT_DONE


@profile.command(
    "show",
    cls=Command,
    short_help=N_("what is in a profile"),
    help=N_("Print a profile as it is in its file. It holds no secret."),
)
@click.argument("name", metavar="P")
def show(name: str) -> int:
    """Print the file once it was found right."""
    from failback import profiles
    from failback.home import read_private

    path = profiles.path_of(name)
    profiles.load(name)
    lines = read_private(path).decode("utf-8").split("\n")
    tell_data("\n".join(visible(line.rstrip("\r"), 10_000) for line in lines))
    narrate(str(path))
    return EXIT_DONE


@profile.command(
    "new",
    cls=Command,
    short_help=N_("make a profile"),
    help=N_("Make a profile. What no option says is asked for in a terminal."),
)
@click.argument("name", metavar="NAME")
@click.option("--vcenter", cls=Option, metavar="HOST", help=N_("The vCenter's address (or a single ESXi host's)."))
@click.option("--username", cls=Option, metavar="USER", help=N_("Who signs in to vCenter."))
@click.option("--tenant", cls=Option, metavar="ID", help=N_("The Azure tenant's id."))
@click.option("--subscription", cls=Option, metavar="ID", help=N_("The Azure subscription's id."))
@click.option("--resource-group", cls=Option, metavar="NAME", help=N_("The resource group of the vault."))
@click.option("--vault", cls=Option, metavar="NAME", help=N_("The Recovery Services vault."))
@click.option(
    "--sign-in",
    cls=Option,
    type=click.Choice(SIGN_INS),
    default="azure-cli",
    metavar="WAY",
    help=N_(
        "How to sign in to Azure: azure-cli (unless another is named), device-code, client-secret, "
        "client-certificate or managed-identity."
    ),
)
@click.option("--client-id", cls=Option, metavar="ID", help=N_("The application's id, for some ways to sign in."))
def new(  # noqa: PLR0913 -- one argument for each option
    *,
    name: str,
    vcenter: str | None,
    username: str | None,
    tenant: str | None,
    subscription: str | None,
    resource_group: str | None,
    vault: str | None,
    sign_in: str,
    client_id: str | None,
) -> int:
    """Write a new file from the options and the answers."""
    from failback import profiles

    path = profiles.path_of(name)
    made = profiles.Profile(
        name=path.stem,
        vcenter=profiles.VCenterSettings(
            host=_given(vcenter, "--vcenter", _("vCenter's address")),
            username=_given(username, "--username", _("User name for vCenter")),
        ),
        azure=profiles.AzureSettings(
            subscription_id=_given(subscription, "--subscription", _("Azure subscription id")),
            tenant_id=_given(tenant, "--tenant", _("Azure tenant id")),
            sign_in=sign_in,
            client_id=client_id,
        ),
        vault=profiles.VaultSettings(
            resource_group=_given(resource_group, "--resource-group", _("Resource group of the vault")),
            name=_given(vault, "--vault", _("Name of the vault")),
        ),
        path=path,
    )
    profiles.create(made)
    narrate(_("written to {path}; the wizard adds what you choose").format(path=path))
    return EXIT_DONE


@profile.command(
    "remove", cls=Command, short_help=N_("delete a profile"), help=N_("Delete a profile's file. The journal stays.")
)
@click.argument("name", metavar="P")
@click.option("--yes", cls=Option, is_flag=True, help=N_("Do not ask."))
def remove(*, name: str, yes: bool) -> int:
    """Delete the file, after asking."""
    from failback import profiles

    path = profiles.existing(name)
    if not yes:
        if not somebody_is_there():
            raise UsageError(
                _("profile {path}").format(path=path),
                _("nobody can be asked whether to remove it"),
                _("add --yes, or run it in a terminal"),
            )
        if not click.confirm(_("Remove {path}?").format(path=path), default=False, err=True):
            narrate(_("it stays"))
            return EXIT_NOT_READY
    narrate(_("removed {path}").format(path=profiles.remove(name)))
    return EXIT_DONE


def _given(value: str | None, option: str, question: str) -> str:
    """Return what an option says, or what the person answers. Raises `UsageError` when there is nobody to ask."""
    if value:
        return value
    if not somebody_is_there():
        raise UsageError(
            option, _("it is needed, and there is no terminal to ask on"), _("give it, or run this in a terminal")
        )
    return str(click.prompt(question, err=True))
