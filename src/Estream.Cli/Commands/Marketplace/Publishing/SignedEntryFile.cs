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
            Description = "The folder of the registry, created by 'estream marketplace registry create'; for its operator.",
            HelpName = "FOLDER",
        };

    /// <summary>Creates the option --out, the alternative to --registry.</summary>
    public static Option<string?> Output() =>
        new("--out")
        {
            Description = "Write the signed entry to a file for the operator of the registry ('registry take'), and submit nothing.",
            HelpName = "FILE",
        };

    /// <summary>Checks that exactly one of --registry and --out is given.</summary>
    /// <returns>The file of --out; null if --registry is given.</returns>
    /// <exception cref="CliException">Neither or both are given.</exception>
    public static string? Choose(string? registry, string? output) =>
        (registry is null) != (output is null)
            ? output
            : throw new CliException("Give either --registry with a local registry, or --out with a file for the operator of the "
                + "registry.");

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

        said.Say($"{path}: {Describe(entry)}, signed. Next, on the machine of the registry: estream marketplace registry take "
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
            Description = "A signed entry, written by 'key claim', 'key rotate', 'key revoke', 'yank' or 'deprecate' with --out.",
        };
        Option<string> registry = MarketplaceOptions.Registry();
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "take",
            "Adds to the log an entry that owners of a namespace have signed elsewhere: a claim, new owners, a revoked key, or a yanked or "
            + "deprecated release. Its signatures are verified as if it had been signed here. To publish a signed release, use 'publish "
            + "--signed'.")
        {
            file, registry, json,
        };
        command.SetAction(async (parsed, _) =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            (byte[] bytes, LogEntry entry) = Read(parsed.GetRequiredValue(file));
            long index = await RegistryOperation.SignedAsync(context, parsed.GetRequiredValue(registry), [],
                (registered, _) => TakeAsync(context, registered, bytes, entry)).ConfigureAwait(false);
            said.Say(string.Create(CultureInfo.InvariantCulture, $"{Describe(entry)}: accepted, entry {index} of the log"), line =>
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
                    $"'{path}' is longer than the maximum entry of {EntryBundle.MaxEntryBytes} bytes."), ExitCode.No);
        if (!LogEntry.TryRead(bytes, out DsseEnvelope? _, out LogEntry? entry, out string? reason))
        {
            throw new CliException($"'{path}' is not a valid signed entry: {reason.TrimEnd('.')}. Ask its author to sign it again with "
                + "--out.", ExitCode.No);
        }

        return entry is PublishEntry
            ? throw new CliException($"'{path}' is part of a signed release. Publish its folder with 'estream marketplace publish "
                + "--signed'.",
                ExitCode.No)
            : (bytes, entry);
    }

    private static string Describe(LogEntry entry) => entry switch
    {
        NamespaceRecord record => string.Create(CultureInfo.InvariantCulture, $"record {record.Serial} of {record.Namespace}"),
        KeyRevocation revocation => $"a revoked key of {revocation.Namespace}",
        YankEntry yank => $"{yank.Name} {yank.Version}: {(yank.IsYanked ? "yank" : "yank undone")}",
        DeprecationEntry deprecation =>
            $"{deprecation.Name} {deprecation.Version}: {(deprecation.IsDeprecated ? "deprecate" : "deprecate undone")}",
        _ => $"an entry of {entry.Namespace}",
    };
}
