using System.CommandLine;
using System.Globalization;
using Estream.Cli.Output;
using Estream.Streams;

namespace Estream.Cli.Commands;

/// <summary>`estream vault`: manages card vaults.</summary>
internal static class VaultCommand
{
    public static Command Create(CliContext context) =>
        new("vault", "Gives vaults of the tokens of cards another key.") { CreateCopy(context) };

    private static Command CreateCopy(CliContext context)
    {
        Argument<string> source = new("VAULT") { Description = "The directory of the vault." };
        Option<string> key = SharedOptions.Required("--key", "FILE", "The file of its key.");
        Option<string> target =
            SharedOptions.Required("--to", "FOLDER", "The directory of the vault that takes the cards, made where it is not there.");
        Option<string> targetKey = SharedOptions.Required("--to-key", "FILE",
            "The file of that one's key, as 'estream key new --algorithm card-vault' makes it.");
        Command command = new("copy",
            "Takes the cards of a vault over to one with another key. Tokens stay as they are. May be said again: what is there already "
            + "is passed over.") { source, key, target, targetKey };
        command.SetAction(parsed =>
        {
            string directory = parsed.GetRequiredValue(source), to = parsed.GetRequiredValue(target);
            RequireVault(directory);
            using CardVaultKey old = CardVaultKey.Load(parsed.GetRequiredValue(key)),
                made = CardVaultKey.Load(parsed.GetRequiredValue(targetKey));
            using CardVault from = CardVault.Open(directory, old);
            using CardVault other = CardVault.Open(to, made);
            long taken = Copy(from, other);
            using LineWriter lines = new(context.Output);
            lines.WriteLine(string.Create(CultureInfo.InvariantCulture, $"cards taken over: {taken}; cards in {to}: {other.Count}"));
            return ExitCode.Ok;
        });
        return command;
    }

    // CardVault.Open would create a vault.
    private static void RequireVault(string directory)
    {
        if (!Directory.Exists(directory) || !Directory.EnumerateFileSystemEntries(directory).Any())
        {
            throw new CliException($"there is no vault in '{directory}'. Check the path");
        }
    }

    private static long Copy(CardVault from, CardVault to)
    {
        try
        {
            return from.CopyTo(to);
        }
        catch (InvalidOperationException refused)
        {
            throw new CliException(refused.Message);
        }
    }
}
