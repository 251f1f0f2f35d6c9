using System.CommandLine;
using System.Globalization;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Streams;

namespace Estream.Cli.Commands;

/// <summary>`estream vault`: manages card vaults.</summary>
internal static class VaultCommand
{
    public static Command Create(CliContext context) =>
        new("vault", "Manages card vaults, which map tokens to card numbers.") { CreateCopy(context) };

    private static Command CreateCopy(CliContext context)
    {
        Argument<string> source = new("VAULT") { Description = "The directory of the source vault." };
        Option<string> key = SharedOptions.Required("--key", "FILE", "The key file of the source vault.");
        Option<string> target =
            SharedOptions.Required("--to", "FOLDER", "The directory of the target vault, created if it does not exist.");
        Option<string> targetKey = SharedOptions.Required("--to-key", "FILE",
            "The key file of the target vault, created by 'estream key new --algorithm card-vault'.");
        Command command = new("copy",
            "Copies all cards to a vault with another key. Tokens do not change. Can be repeated: existing cards are skipped. Example: "
            + "estream vault copy vault --key old.key --to vault2 --to-key new.key") { source, key, target, targetKey };
        command.SetAction(parsed =>
        {
            string directory = parsed.GetRequiredValue(source), to = parsed.GetRequiredValue(target);
            RequireVault(directory);
            using CardVaultKey old = CardVaultKey.Load(parsed.GetRequiredValue(key)),
                made = CardVaultKey.Load(parsed.GetRequiredValue(targetKey));
            using CardVault from = CardVault.Open(directory, old);
            using CardVault other = CardVault.Open(to, made);
            long taken = Copy(from, other);
            CliAudit.Record(context, "vault copy", directory, string.Create(CultureInfo.InvariantCulture, $"{taken} cards to {to}"));
            using LineWriter lines = new(context.Output);
            lines.WriteLine(string.Create(CultureInfo.InvariantCulture, $"cards copied: {taken}; cards in {to}: {other.Count}"));
            return ExitCode.Ok;
        });
        return command;
    }

    // CardVault.Open would create a vault.
    private static void RequireVault(string directory)
    {
        if (!Directory.Exists(directory) || !Directory.EnumerateFileSystemEntries(directory).Any())
        {
            throw new CliException($"There is no vault in '{directory}'. Check the path.");
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
