using System.CommandLine;
using System.Globalization;
using Estream.Cli.Data;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>A file with a signed log entry, which an owner hands to the operator of a registry, and `estream marketplace registry take`,
/// which adds the entry to the log.</summary>
internal static class SignedEntryFile
{
    /// <summary>Creates the option --registry. It is not required, because the entry may go to a file.</summary>
    public static Option<string?> Registry() =>
        new("--registry")
        {
            Description = "The folder of the registry, as 'estream marketplace registry create' made it: for who runs it.",
            HelpName = "FOLDER",
        };

    /// <summary>Creates the option --out, the alternative to --registry.</summary>
    public static Option<string?> Output() =>
        new("--out")
        {
            Description = "Writes the signed entry to a file, for who runs the registry ('registry take'), and hands nothing in.",
            HelpName = "FILE",
        };

    /// <summary>Checks that exactly one of --registry and --out is given.</summary>
    /// <returns>The file of --out; null if --registry is given.</returns>
    /// <exception cref="CliException">Neither or both are given.</exception>
    public static string? Choose(string? registry, string? output) =>
        (registry is null) != (output is null)
            ? output
            : throw new CliException("name the registry that is run here with --registry, or with --out a file for who runs it");

    /// <summary>Signs an entry, writes it to a file, and returns the exit code.</summary>
    public static int Write(MarketplaceOutput said, string path, string[] keys, Func<IReadOnlyList<DocumentSigner>, LogEntry> make)
    {
        List<DocumentSigner> signers = MarketplaceOptions.Load(keys);
        LogEntry entry;
        try
        {
            entry = make(signers);
            NamedFile.Replace(path, entry.Sign(signers).ToJson());
        }
        catch (ArgumentException wrong)
        {
            throw new CliException(wrong.Message, ExitCode.No);
        }
        finally
        {
            signers.ForEach(signer => signer.Dispose());
        }

        said.Say($"{path}: {Describe(entry)}, signed. Next, where the registry is run: estream marketplace registry take "
            + $"{path} --registry FOLDER", json =>
        {
            json.WriteString("file", path);
            json.WriteString("namespace", entry.Namespace.Text);
        });
        return ExitCode.Ok;
    }

    public static Command CreateTake(CliContext context)
    {
        Argument<string> file = new("FILE")
        {
            Description = "An entry, as 'key claim', 'key rotate', 'key revoke', 'yank' or 'deprecate' wrote it with --out.",
        };
        Option<string> registry = MarketplaceOptions.Registry();
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "take",
            "Takes an entry into the log that owners of a namespace have signed elsewhere: a claim, other owners, a key that does not "
            + "count any more, a release that is taken back or deprecated. Nothing is taken for who sent it: the signatures are "
            + "verified as if it had been signed here. A release is taken by 'publish --signed'.")
        {
            file, registry, json,
        };
        command.SetAction(async (parsed, _) =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            (byte[] bytes, LogEntry entry) = Read(parsed.GetRequiredValue(file));
            long index = await RegistryOperation.SignedAsync(context, parsed.GetRequiredValue(registry), [],
                (registered, _) => TakeAsync(context, registered, bytes, entry)).ConfigureAwait(false);
            said.Say(string.Create(CultureInfo.InvariantCulture, $"{Describe(entry)}: taken, entry {index} of the log"), line =>
            {
                line.WriteString("namespace", entry.Namespace.Text);
                line.WriteNumber("logIndex", index);
            });
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<long> TakeAsync(CliContext context, RegistryOperator registered, byte[] bytes, LogEntry entry)
    {
        if (entry is not (YankEntry or DeprecationEntry))
        {
            return await registered.SubmitAsync(bytes, context.Cancellation).ConfigureAwait(false);
        }

        _ = await registered.MarkAsync(bytes, null, context.Cancellation).ConfigureAwait(false);
        return registered.Namespaces.Size - 1;
    }

    private static (byte[] Bytes, LogEntry Entry) Read(string path)
    {
        byte[] bytes = NamedFile.Read(path, EntryBundle.MaxEntryBytes)
            ?? throw new CliException(
                string.Create(CultureInfo.InvariantCulture,
                    $"'{path}' has more than the {EntryBundle.MaxEntryBytes} bytes that an entry may have"), ExitCode.No);
        if (!LogEntry.TryRead(bytes, out DsseEnvelope? _, out LogEntry? entry, out string? reason))
        {
            throw new CliException($"'{path}' is no signed entry: {reason.TrimEnd('.')}. Have it signed again, with --out", ExitCode.No);
        }

        return entry is PublishEntry
            ? throw new CliException($"'{path}' is half of a release: its folder is taken with 'estream marketplace publish --signed'",
                ExitCode.No)
            : (bytes, entry);
    }

    private static string Describe(LogEntry entry) => entry switch
    {
        NamespaceRecord record => string.Create(CultureInfo.InvariantCulture, $"record {record.Serial} of {record.Namespace}"),
        KeyRevocation revocation => $"a revoked key of {revocation.Namespace}",
        YankEntry yank => $"{yank.Name} {yank.Version}: {(yank.IsYanked ? "yank" : "yank taken back")}",
        DeprecationEntry deprecation =>
            $"{deprecation.Name} {deprecation.Version}: {(deprecation.IsDeprecated ? "deprecate" : "deprecate taken back")}",
        _ => $"an entry of {entry.Namespace}",
    };
}
