using System.CommandLine;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>The end of each help text of `estream marketplace`: exit codes and an example.</summary>
internal static class MarketplaceHelp
{
    private const string Changes =
        "0 where the workspace is so, 1 where versions conflict, something is refused or not approved, 2 where a registry is out of reach "
        + "or not pinned";

    private static readonly (string Command, string Codes, string Example)[] s_endings =
    [
        ("search", "0 where there are any, 1 where there are none or a registry is not believed, 2 where a registry is out of reach",
            "estream marketplace search iot"),
        ("show", "0 where there are any, 1 where there are none or the registry is not believed, 2 where it is out of reach",
            "estream marketplace show @acme/card"),
        ("install", Changes, "estream marketplace install @acme/card@^1.2 --yes"),
        ("update", Changes, "estream marketplace update @acme/card"),
        ("remove", Changes, "estream marketplace remove @acme/card"),
        ("rollback", "0 where it is gone back, 1 where there is nothing to go back to, 2 where what is needed cannot be had",
            "estream marketplace rollback"),
        ("graph", "0, or 2 where nothing was installed yet", "estream marketplace graph --dot | dot -Tsvg"),
        ("verify", "0 where everything holds, 1 where something is refused, 2 where it could not be looked at",
            "estream marketplace verify card.escx --offline --max-age 30d"),
        ("mirror", "0 where all is copied, 1 where there is no such component or the registries differ, 2 where it could not be copied",
            "estream marketplace mirror https://components.example.org oci:mirror"),
        ("login", "0 where it is kept, or without ADDRESS where there are any; 1 where there are none; 2 where it is no token or no "
            + "address", "estream marketplace login https://components.example.org < token.txt"),
        ("logout", "0 where it is forgotten, 1 where there was none, 2 where it is no address",
            "estream marketplace logout https://components.example.org"),
        ("lint", "0 without mistakes, 1 with some, 2 where there is no such folder", "estream marketplace lint doors"),
        ("scaffold", "0 where it is written, 2 where the folder has something in it",
            "estream marketplace scaffold @acme/doors --category smart-circuit --out doors"),
        ("test", "0 where all pass, 1 where one fails, 2 where there is no such folder", "estream marketplace test doors"),
        ("pack", "0 where it is packed, 1 where it has mistakes or a vector fails, and then nothing is written, 2 where it cannot be",
            "estream marketplace pack doors --out doors.escx"),
        ("rebuild", "0 where it is the same, or was so for who is asked for with --by; 1 where it differs, or nobody of them says so; 2 "
            + "where it could not be built", "estream marketplace rebuild doors.escx --from doors"),
        ("docs", "0 where it is written, 1 where the component has mistakes, and then nothing is, 2 where there is no such folder",
            "estream marketplace docs doors --out doors.md"),
        ("dev", "0 where it is published or ended with Ctrl-C, 1 with --once where it has mistakes, 2 where it cannot be done",
            "estream marketplace dev doors --registry ../dev-registry"),
        ("publish", "0 where it is there, or with --out is signed; 1 where it is refused or waits, for a reviewer ('approve') or a check "
            + "that could not be run ('pending --retry'), or the registry is not believed; 2 where it could not be done",
                "estream marketplace publish doors.escx --key owner.key --registry registry"),
        ("approve", "0 where the approval is taken or written, 1 where it does not count, 2 where it could not be handed in",
            "estream marketplace approve @acme/doors@0.1.0 --key reviewer.key --registry registry"),
        ("pending", "0 where none waits any more, 1 where one does or was refused, 2 where it could not be looked at",
            "estream marketplace pending --retry --registry registry"),
        ("yank", "0 where it is so, 1 where it is refused, 2 where it could not be done",
            "estream marketplace yank @acme/doors@0.1.0 --reason \"Counts twice.\" --key owner.key --registry registry"),
        ("deprecate", "0 where it is so, 1 where it is refused, 2 where it could not be done",
            "estream marketplace deprecate @acme/doors@0.1.0 --reason \"Use 0.2.\" --key owner.key --registry registry"),
        ("claim", "0 where it is in the log, 1 where it is refused, 2 where it could not be done",
            "estream marketplace key claim @acme --key owner.key --registry registry"),
        ("rotate", "0 where it is in the log, 1 where it is refused, 2 where it could not be done",
            "estream marketplace key rotate @acme --key old.key --new-key new.key --registry registry"),
        ("revoke", "0 where it is in the log, 1 where it is refused, 2 where it could not be done",
            "estream marketplace key revoke @acme --revoked stolen.pub --from 42 --reason \"Stolen.\" --key owner.key --registry registry"),
        ("key show", "0 where somebody owns it, 1 where nobody does, 2 where it could not be looked at",
            "estream marketplace key show @acme --registry registry"),
        ("create", "0 where it is there, 2 where the folder has something in it or cannot be written",
            "estream marketplace registry create registry --name components.example.org/main"),
        ("policy", "0 where it is so, 1 where it is refused, 2 where it could not be done",
            "estream marketplace registry policy --category wire-adapter --approvals 2 --reviewer anna.pub --reviewer ben.pub --registry "
            + "registry"),
        ("renew", "0 where it is renewed, 1 where a release has fewer approvals than the policy asks for by now and its bundle is left as "
            + "it is, 2 where it is not", "estream marketplace registry renew --registry registry"),
        ("take", "0 where it is in the log, 1 where it is refused, 2 where it could not be done",
            "estream marketplace registry take acme.claim.json --registry registry"),
        ("registry rotate", "0 where it is so, 1 where it is refused or a bundle is left as it is, 2 where it could not be done",
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

    // The names 'show' and 'rotate' exist twice.
    private static string KeyOf(Command command, Command one) => (command.Name, one.Name) is ("key", "show") or ("registry", "rotate")
        ? $"{command.Name} {one.Name}"
        : one.Name;
}
