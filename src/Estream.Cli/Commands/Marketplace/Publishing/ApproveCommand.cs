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
                "A release that waits in a registry, as NAME@VERSION or by its digest; or a signed package (.escx), wherever it is.",
        };
        Option<string[]> keys = new("--key")
        {
            Description =
                "The key of a reviewer: a file made by 'estream key new', which nobody but its owner may use (mode 600). May be repeated.",
            HelpName = "KEY",
            DefaultValueFactory = _ => [],
        };
        Option<string?> signed = new("--signed")
        {
            Description = "An approval that was signed elsewhere, with --out: it is handed in here.",
            HelpName = "FILE",
        };
        Option<string?> output = new("--out")
        {
            Description = "Writes the approval to a file, for whoever runs the registry, and hands nothing in.",
            HelpName = "FILE",
        };
        Option<string?> registry = new("--registry")
        {
            Description = "The folder of the registry in which the release waits.",
            HelpName = "FOLDER",
        };
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "approve",
            "Says by the signature of a reviewer that a release was reviewed. It is of this release digest alone: any change of the "
            + "release needs it anew. Whose approvals count, and how many are needed, says the signed policy of the registry; "
            + "each key counts once, and an owner of the namespace never. A release that waits is published when nothing is missing any "
            + "more.")
        {
            release, keys, signed, output, registry, json,
        };
        command.SetAction(async (parsed, _) =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            string text = parsed.GetRequiredValue(release);
            string[] paths = parsed.GetRequiredValue(keys);
            if ((paths.Length == 0) == (parsed.GetValue(signed) is null) || (paths.Length == 0 && parsed.GetValue(output) is not null))
            {
                throw new CliException("approve by --key KEY, or hand in with --signed FILE what was signed elsewhere");
            }

            if (parsed.GetValue(output) is { } path)
            {
                return WriteTo(said, path, ReadPackage(text), paths);
            }

            string folder = parsed.GetValue(registry)
                ?? throw new CliException("name the registry in which it waits with --registry, or a file for the approval with --out");
            (string name, PublishedRelease published) = await RegistryOperation.SignedAsync(
                context, folder, paths,
                async (registered, signers) =>
                    (registered.Root.Registry, await HandInAsync(context, registered, text, signers, parsed.GetValue(signed))
                        .ConfigureAwait(false))).ConfigureAwait(false);
            PublishCommand.Say(said, name, published);

            // The output lists missing approvals, but this approval was accepted.
            return published.Decision?.Verdict == PublishVerdict.Rejected ? ExitCode.No : ExitCode.Ok;
        });
        return command;
    }

    private static Task<PublishedRelease> HandInAsync(CliContext context, RegistryOperator registered, string text,
        IReadOnlyList<DocumentSigner> signers, string? signed)
    {
        if (signed is not null)
        {
            byte[] approval = NamedFile.Read(signed, ReleaseApproval.MaxBytes)
                ?? throw new CliException(
                    string.Create(CultureInfo.InvariantCulture,
                        $"'{signed}' has more than the {ReleaseApproval.MaxBytes} bytes that an approval may have"), ExitCode.No);
            return registered.ApproveAsync(approval, null, context.Cancellation);
        }

        ReleaseStatement statement = text.EndsWith(PackageEnding, StringComparison.Ordinal)
            ? ReadPackage(text)
            : Waiting(registered, text).Statement;
        return registered.ApproveAsync(ReleaseApproval.Of(statement).Sign(signers), null, context.Cancellation);
    }

    private static SignedRelease Waiting(RegistryOperator registered, string text)
    {
        SignedRelease[] found = [.. registered.Pending()
            .Where(one => one.Statement.Digest() == text || $"{one.Manifest.Name}@{one.Manifest.Version}" == text)];
        return found.Length == 1 ? found[0]
            : found.Length == 0
                ? throw new CliException(
                    $"no release '{text}' waits in {registered.Root.Registry}. See what does: estream marketplace pending", ExitCode.No)
            : throw new CliException(
                $"{found.Length} releases wait as '{text}'. Say which, by its digest: "
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

        said.Say($"{path} approves of {statement.Package.Name} {statement.Package.Version}, release {statement.Digest()}", json =>
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
                $"'{path}' is no signed package: "
                + (package is null ? read.ToString() : $"it has no {PackagePath.Signature}. Its author signs it when it is published"),
                ExitCode.No);
        }

        return DsseEnvelope.TryRead(signature.Span, ReleaseStatement.MaxFileBytes, out DsseEnvelope? envelope, out string? reason)
            && ReleaseStatement.TryRead(envelope.UnverifiedPayload.Span, out ReleaseStatement? statement, out reason)
            && statement.Package.Root256 == package.Identity.Root256
            ? statement
            : throw new CliException($"'{path}' has a signature of something else: {reason ?? "of other files"}", ExitCode.No);
    }
}
