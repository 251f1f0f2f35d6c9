using System.CommandLine;
using System.Globalization;
using Estream.Marketplace.Governance;
using Estream.Cli.Data;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Releases;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace approve`.</summary>
internal static class ApproveCommand
{
    private const string PackageEnding = ".escx";

    public static Command Create(CliContext context)
    {
        Argument<string> release = new("RELEASE")
        {
            Description =
                "A pending release of the registry, as NAME@VERSION or digest; or the path of a signed package (.escx).",
        };
        Option<string[]> keys = new("--key")
        {
            Description =
                "The private key of a reviewer, created by 'estream key new' (mode 600). May be repeated.",
            HelpName = "KEY",
            DefaultValueFactory = _ => [],
        };
        Option<string?> signed = new("--signed")
        {
            Description = "Submit an approval that was signed elsewhere with --out.",
            HelpName = "FILE",
        };
        Option<string?> output = new("--out")
        {
            Description = "Write the approval to a file for the operator of the registry, and submit nothing.",
            HelpName = "FILE",
        };
        Option<string?> registry = new("--registry")
        {
            Description = "The folder of the registry with the pending release.",
            HelpName = "FOLDER",
        };
        ServerOptions server = new("The address of a marketplace server instead of --registry, as https://HOST:PORT.");
        Option<string> note = new("--note")
        {
            Description = "With --to: a note for the record of the server.", HelpName = "TEXT", DefaultValueFactory = _ => "",
        };
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "approve",
            "Signs the approval of a release by a reviewer. An approval is valid for one release digest; a changed release needs a new "
            + "one. The signed policy of the registry lists the reviewers and the number of approvals. Each key counts once, and owners of "
            + "the namespace never count. A pending release is published once it has enough approvals.")
        {
            release, keys, signed, output, registry, server.To, server.TokenFile, note, json,
        };
        command.SetAction(async (parsed, _) =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            string text = parsed.GetRequiredValue(release);
            string[] paths = parsed.GetRequiredValue(keys);
            if ((paths.Length == 0) == (parsed.GetValue(signed) is null) || (paths.Length == 0 && parsed.GetValue(output) is not null))
            {
                throw new CliException("Give either --key KEY to sign an approval, or --signed FILE to submit an approval that was signed "
                    + "elsewhere.");
            }

            if (parsed.GetValue(output) is { } path)
            {
                return WriteTo(said, path, ReadPackage(text), paths);
            }

            using MarketplaceConnection? connection = server.Open(parsed);
            return connection is null
                ? await SubmitAsync(context, said, parsed.GetValue(registry), text, paths, parsed.GetValue(signed)).ConfigureAwait(false)
                : await RemoteModeration.ApproveAsync(context, said, connection, text,
                    text.EndsWith(PackageEnding, StringComparison.Ordinal) ? ReadPackage(text) : null, paths,
                    parsed.GetValue(signed) is { } file ? ReadApproval(file) : null, parsed.GetRequiredValue(note)).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> SubmitAsync(CliContext context, MarketplaceOutput said, string? registry, string text, string[] paths,
        string? signed)
    {
        string folder = registry
            ?? throw new CliException("Give either --registry with the registry of the release, --to with a marketplace server, or --out "
                + "with a file for the approval.");
        (string name, PublishedRelease published) = await RegistryOperation.SignedAsync(
            context, folder, paths,
            async (registered, signers) =>
                (registered.Root.Registry, await HandInAsync(context, registered, text, signers, signed)
                    .ConfigureAwait(false))).ConfigureAwait(false);
        PublishCommand.Say(said, name, published);

        // The command succeeds even if other approvals are still missing, because the registry accepted this approval.
        return published.Decision?.Verdict == PublishVerdict.Rejected ? ExitCode.No : ExitCode.Ok;
    }

    private static Task<PublishedRelease> HandInAsync(CliContext context, RegistryOperator registered, string text,
        IReadOnlyList<DocumentSigner> signers, string? signed)
    {
        if (signed is not null)
        {
            return registered.ApproveAsync(ReadApproval(signed), null, context.Cancellation);
        }

        ReleaseStatement statement = text.EndsWith(PackageEnding, StringComparison.Ordinal)
            ? ReadPackage(text)
            : Waiting(registered, text).Statement;
        return registered.ApproveAsync(ReleaseApproval.Of(statement).Sign(signers), null, context.Cancellation);
    }

    private static byte[] ReadApproval(string file) => NamedFile.Read(file, ReleaseApproval.MaxBytes)
        ?? throw new CliException(string.Create(CultureInfo.InvariantCulture,
            $"'{file}' is longer than the maximum approval of {ReleaseApproval.MaxBytes} bytes."), ExitCode.No);

    private static SignedRelease Waiting(RegistryOperator registered, string text)
    {
        SignedRelease[] found = [.. registered.Pending()
            .Where(one => one.Statement.Digest() == text || $"{one.Manifest.Name}@{one.Manifest.Version}" == text)];
        return found.Length == 1 ? found[0]
            : found.Length == 0
                ? throw new CliException(
                    $"No pending release matches '{text}' in {registered.Root.Registry}. List pending releases with 'estream marketplace "
                    + "pending'.", ExitCode.No)
            : throw new CliException(
                $"{found.Length} pending releases match '{text}'. Give the digest of one of them: "
                + $"{string.Join(", ", found.Select(one => one.Statement.Digest()))}", ExitCode.No);
    }

    private static int WriteTo(MarketplaceOutput said, string path, ReleaseStatement statement, string[] keys)
    {
        List<DocumentSigner> signers = MarketplaceOptions.Load(keys);
        try
        {
            NamedFile.Replace(path, ReleaseApproval.Of(statement).Sign(signers));
        }
        finally
        {
            signers.ForEach(signer => signer.Dispose());
        }

        said.Say($"{path} approves {statement.Package.Name} {statement.Package.Version}, release {statement.Digest()}", json =>
        {
            json.WriteString("file", path);
            json.WriteString("name", statement.Package.Name);
            json.WriteString("version", statement.Package.Version);
            json.WriteString("release", statement.Digest());
        });
        return ExitCode.Ok;
    }

    private static ReleaseStatement ReadPackage(string path)
    {
        using FileStream file = NamedFile.Open(path);
        PackageReadResult read = Package.Read(file, out Package? package);
        if (package?.Signature is not { } signature)
        {
            throw new CliException(
                $"'{path}' is not a signed package: "
                + (package is null ? read.ToString() : $"it has no {PackagePath.Signature}. The author signs it with 'estream marketplace "
                + "publish'."),
                ExitCode.No);
        }

        return DsseEnvelope.TryRead(signature.Span, ReleaseStatement.MaxFileBytes, out DsseEnvelope? envelope, out string? reason)
            && ReleaseStatement.TryRead(envelope.UnverifiedPayload.Span, out ReleaseStatement? statement, out reason)
            && statement.Package.Root256 == package.Identity.Root256
            ? statement
            : throw new CliException($"The signature in '{path}' is not valid for this package: "
                + $"{reason ?? "it signs other files"}", ExitCode.No);
    }
}
