using System.CommandLine;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>The end of each help text of `estream marketplace`: exit codes and an example.</summary>
internal static class MarketplaceHelp
{
    private const string Changes =
        "0 if the workspace is up to date, 1 if versions conflict, a component is refused or a change is not approved, 2 if a registry is "
        + "unreachable or not pinned";

    private static readonly (string Command, string Codes, string Example)[] s_endings =
    [
        ("init", "0 if the workspace is written, 2 if it exists or an option is invalid", "estream marketplace init"),
        ("search", "0 if components are found, 1 if none are found or a registry is not trusted, 2 if a registry is unreachable",
            "estream marketplace search iot"),
        ("show", "0 if releases are found, 1 if none are found or the registry is not trusted, 2 if it is unreachable",
            "estream marketplace show @acme/card"),
        ("install", Changes, "estream marketplace install @acme/card@^1.2 --yes"),
        ("update", Changes, "estream marketplace update @acme/card"),
        ("remove", Changes, "estream marketplace remove @acme/card"),
        ("rollback", "0 if the workspace is rolled back, 1 if there is no earlier state, 2 if a component cannot be fetched",
            "estream marketplace rollback"),
        ("graph", "0 on success, 2 if the workspace has no lock file", "estream marketplace graph --dot | dot -Tsvg"),
        ("verify", "0 if everything is verified, 1 if something is refused, 2 if the check could not run",
            "estream marketplace verify card.escx --offline --max-age 30d"),
        ("mirror", "0 if everything is copied, 1 if a component does not exist or the registries conflict, 2 if the copy failed",
            "estream marketplace mirror https://components.example.org oci:mirror"),
        ("login", "0 if the token is stored, or without ADDRESS if tokens are listed; 1 if there are none; 2 if the token or address is "
            + "invalid", "estream marketplace login https://components.example.org < token.txt"),
        ("logout", "0 if the token is deleted, 1 if there is none, 2 if the address is invalid",
            "estream marketplace logout https://components.example.org"),
        ("lint", "0 if there are no errors, 1 if there are errors, 2 if the folder does not exist", "estream marketplace lint doors"),
        ("scaffold", "0 if the component is created, 2 if the folder is not empty",
            "estream marketplace scaffold @acme/doors --category smart-circuit --out doors"),
        ("test", "0 if all tests pass, 1 if a test fails, 2 if the folder does not exist", "estream marketplace test doors"),
        ("pack", "0 if the package is written, 1 if the component has errors or a vector fails (nothing is written), 2 if packing failed",
            "estream marketplace pack doors --out doors.escx"),
        ("rebuild", "0 if the packages are identical, or a key of --by attests it; 1 if they differ, or no such key attests it; 2 if the "
            + "comparison failed", "estream marketplace rebuild doors.escx --from doors"),
        ("docs", "0 if the page is written, 1 if the component has errors (nothing is written), 2 if the folder does not exist",
            "estream marketplace docs doors --out doors.md"),
        ("dev", "0 if the component is published or the command ended by Ctrl-C, 1 with --once if it has errors, 2 if publishing failed",
            "estream marketplace dev doors --registry ../dev-registry"),
        ("publish", "0 if the release is published, or signed with --out; 1 if it is refused, or pending for a reviewer ('approve') or a "
            + "check that could not run ('pending --retry'), or the registry is not trusted; 2 if publishing failed",
                "estream marketplace publish doors.escx --key owner.key --registry registry"),
        ("approve", "0 if the approval is accepted or written, 1 if it is not valid, 2 if it could not be submitted",
            "estream marketplace approve @acme/doors@0.1.0 --key reviewer.key --registry registry"),
        ("pending", "0 if no release is pending, 1 if a release is pending or was refused, 2 if the registry could not be read",
            "estream marketplace pending --retry --registry registry"),
        ("reindex", "0 if the catalogue is rebuilt, 1 if the server refuses it, 2 if the server is unreachable",
            "estream marketplace server reindex --to https://components.example.org"),
        ("yank", "0 if the change is published, 1 if it is refused, 2 if it failed",
            "estream marketplace yank @acme/doors@0.1.0 --reason \"Counts twice.\" --key owner.key --registry registry"),
        ("deprecate", "0 if the change is published, 1 if it is refused, 2 if it failed",
            "estream marketplace deprecate @acme/doors@0.1.0 --reason \"Use 0.2.\" --key owner.key --registry registry"),
        ("claim", "0 if the entry is in the log, 1 if it is refused, 2 if it failed",
            "estream marketplace key claim @acme --key owner.key --registry registry"),
        ("rotate", "0 if the entry is in the log, 1 if it is refused, 2 if it failed",
            "estream marketplace key rotate @acme --key old.key --new-key new.key --registry registry"),
        ("revoke", "0 if the entry is in the log, 1 if it is refused, 2 if it failed",
            "estream marketplace key revoke @acme --revoked stolen.pub --from 42 --reason \"Stolen.\" --key owner.key --registry registry"),
        ("key show", "0 if the namespace has an owner, 1 if it has none, 2 if the registry could not be read",
            "estream marketplace key show @acme --registry registry"),
        ("create", "0 if the registry is created, 2 if the folder is not empty or cannot be written",
            "estream marketplace registry create registry --name components.example.org/main"),
        ("policy", "0 if the change is published, 1 if it is refused, 2 if it failed",
            "estream marketplace registry policy --category wire-adapter --approvals 2 --reviewer anna.pub --reviewer ben.pub --registry "
            + "registry"),
        ("renew", "0 if everything is renewed, 1 if a bundle is not renewed because its release has fewer approvals than the current "
            + "policy requires, 2 if the renewal failed", "estream marketplace registry renew --registry registry"),
        ("take", "0 if the entry is in the log, 1 if it is refused, 2 if it failed",
            "estream marketplace registry take acme.claim.json --registry registry"),
        ("registry rotate", "0 if the new root is published, 1 if it is refused or a bundle is not renewed, 2 if the rotation failed",
            "estream marketplace registry rotate --role timestamp --registry registry"),
    ];

    /// <summary>Appends exit codes and an example to the help of each subcommand. Commands that are not in the table stay
    /// unchanged.</summary>
    public static void Complete(Command command)
    {
        foreach (Command one in command.Subcommands)
        {
            if (one.Subcommands.Count > 0)
            {
                Complete(one);
            }
            else
            {
                Complete(command, one);
            }
        }
    }

    private static void Complete(Command command, Command one)
    {
        string key = KeyOf(command, one);
        foreach ((string name, string codes, string example) in s_endings)
        {
            if (name == key)
            {
                one.Description = $"{one.Description}\n\nExit codes: {codes}.\n\nExample: {example}";
            }
        }
    }

    // Two commands are named 'show' and two are named 'rotate', so prefix one of each pair with the name of its parent.
    private static string KeyOf(Command command, Command one) => (command.Name, one.Name) is ("key", "show") or ("registry", "rotate")
        ? $"{command.Name} {one.Name}"
        : one.Name;
}
