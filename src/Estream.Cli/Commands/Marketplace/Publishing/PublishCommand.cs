using System.CommandLine;
using System.Globalization;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace publish`: signs and publishes in one step for the operator of the registry, or in two steps if the author
/// is not the operator.</summary>
internal static class PublishCommand
{
    private const string Summary =
        "Signs a release and publishes it in a local registry, after the checks and approvals of its policy. The signed statement is added "
        + "to the package, an entry to the log, and a bundle that verifies offline is written next to the package. An author who does not "
        + "operate the registry signs with --out and hands the folder to the operator, who publishes it with --signed. A published version "
        + "is immutable: publishing the same package again changes nothing, a different package is refused. Any version may be published, "
        + "so older release lines can be fixed. An interrupted publication continues when the command is run again.";

    public static Command Create(CliContext context)
    {
        Argument<string?> file = new("FILE")
        {
            Description = "A package (.escx) created by 'estream marketplace pack'.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<string[]> keys = new("--key")
        {
            Description =
                "The key of an owner of the namespace, which signs the release. A private key file created by 'estream key new' (mode "
                + "600). May be repeated.",
            HelpName = "KEY",
            DefaultValueFactory = _ => [],
        };
        Option<string?> registry = new("--registry")
        {
            Description = "The folder of the registry, created by 'estream marketplace registry create'; for its operator.",
            HelpName = "FOLDER",
        };
        Option<string?> output = new("--out")
        {
            Description = "Write the signed release to a folder and publish nothing. Requires --from and --root.",
            HelpName = "DIR",
        };
        Option<string?> from = new("--from")
        {
            Description =
                "With --out: the address of the registry (directory:PATH, git:REMOTE, oci:PATH or an https URL). The signed release names "
                + "the previous release of this registry.",
            HelpName = "ADDRESS",
        };
        Option<string?> root = new("--root")
        {
            Description = "With --out or --to: the root file of the registry, which its contents are verified with.",
            HelpName = "FILE",
        };
        Option<string?> signed = new("--signed")
        {
            Description = "Verify and publish a folder that an author has signed with --out.",
            HelpName = "DIR",
        };
        Option<string?> buildRef = new("--build-ref")
        {
            Description = "The source of the build, such as git+https://example.org/doors@COMMIT. Recorded in the signed release.",
            HelpName = "REF",
        };
        ServerOptions server = new(
            "The address of a marketplace server, as https://HOST:PORT. Signs the release here and submits it there. Without --root, the "
            + "first root that the server shows is trusted from then on.");
        Option<string[]> schemas = MarketplaceOptions.Schemas();
        Option<string> cache = new WorkspaceOptions().Cache;
        Option<bool> json = SharedOptions.Json();
        Command command = new("publish", Summary)
        {
            file, keys, registry, output, from, root, signed, buildRef, schemas, cache, json, server.To, server.TokenFile,
        };
        command.SetAction(async (parsed, _) =>
        {
            PublishRequest request = new(
                parsed.GetValue(file), parsed.GetRequiredValue(keys), parsed.GetValue(registry), parsed.GetValue(output),
                parsed.GetValue(from), parsed.GetValue(root), parsed.GetValue(signed), parsed.GetValue(buildRef),
                parsed.GetRequiredValue(cache)) { To = parsed.GetValue(server.To), TokenFile = parsed.GetValue(server.TokenFile) };
            request.Require();
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            return await RunAsync(context, said, request, parsed.GetRequiredValue(schemas)).ConfigureAwait(false);
        });
        return command;
    }

    private static Task<int> RunAsync(CliContext context, MarketplaceOutput said, PublishRequest request, string[] schemas) =>
        request.To is not null
            ? WorkspaceRejection.AnswerAsync(context, said.IsJson, () => RemotePublishing.RunAsync(context, said, request))
        : request.Output is not null
            ? WorkspaceRejection.AnswerAsync(context, said.IsJson, () => ReleaseSigning.RunAsync(context, said, request))
        : PublishAsync(context, said, request, schemas);

    /// <summary>Signs a release and publishes it in a local registry.</summary>
    /// <exception cref="ArgumentException">The manifest in the package is invalid.</exception>
    /// <exception cref="EstreamRegistryException">The registry refuses the release.</exception>
    public static async Task<PublishedRelease> PublishAsync(CliContext context, RegistryOperator registered, Package package,
        IReadOnlyCollection<DocumentSigner> signers, string? buildRef)
    {
        // If the manifest is invalid, skip the previous release; signing then reports the error.
        string? before = ManifestReader.Read(package.Manifest.Span).Manifest is { } manifest
            ? await registered.LastReleaseAsync(manifest.Name, manifest.Version, null, context.Cancellation).ConfigureAwait(false)
            : null;
        return await registered.PublishAsync(SignedRelease.Sign(package, before, buildRef, signers), null, context.Cancellation)
            .ConfigureAwait(false);
    }

    /// <summary>Reads a package.</summary>
    /// <exception cref="CliException">The file is not a valid package.</exception>
    public static Package Read(string path)
    {
        using FileStream file = NamedFile.Open(path);
        PackageReadResult read = Package.Read(file, out Package? package);
        return package ?? throw new CliException($"'{path}' is not a valid package: {read}", ExitCode.No);
    }

    private static async Task<int> PublishAsync(CliContext context, MarketplaceOutput said, PublishRequest request, string[] schemas)
    {
        SignedRelease? handed = request.Signed is { } folder ? SignedReleaseFile.Read(folder) : null;
        Package? package = handed is null ? Read(request.File!) : null;
        (string name, PublishedRelease published) = await RegistryOperation.SignedAsync(
            context,
            request.Registry!,
            request.Keys,
            async (registered, signers) => (registered.Root.Registry, handed is not null
                ? await TakeAsync(context, registered, handed).ConfigureAwait(false)
                : await PublishAsync(context, registered, package!, signers, request.BuildRef).ConfigureAwait(false)),
            schemas).ConfigureAwait(false);
        return Say(said, name, published);
    }

    // A release names its predecessor. If another release was published after the author signed this one, the predecessor is wrong and the
    // chain of releases would skip the other release, so refuse it.
    private static async Task<PublishedRelease> TakeAsync(CliContext context, RegistryOperator registered, SignedRelease release)
    {
        string? last = await registered.LastReleaseAsync(release.Manifest.Name, release.Manifest.Version, null, context.Cancellation)
            .ConfigureAwait(false);
        return last == release.Statement.PrevRelease
            ? await registered.PublishAsync(release, null, context.Cancellation).ConfigureAwait(false)
            : throw new CliException(
                $"{release.Manifest} is not published: it names {Named(release.Statement.PrevRelease)} as its previous release, but "
                + $"{registered.Root.Registry} has {Named(last)}. If a release was published since the signing, ask the author to sign "
                + "again with --out.", ExitCode.No);
    }

    private static string Named(string? digest) => digest is null ? "no release" : $"the release {digest}";

    /// <summary>Prints the outcome of a release and returns the exit code.</summary>
    public static int Say(MarketplaceOutput said, string registry, PublishedRelease published)
    {
        bool isThere = published.LogIndex >= 0;
        string[] reasons = [.. published.Decision?.Reasons ?? []];
        string outcome = published.Result.Outcome == PublishOutcome.Unchanged ? $"already exists unchanged in {registry}"
            : isThere ? $"is published in {registry}"
            : published.Decision?.Verdict == PublishVerdict.Rejected ? $"is refused by {registry}"
            : $"is pending in {registry} and not published";
        string place = isThere ? string.Create(CultureInfo.InvariantCulture, $", entry {published.LogIndex} of its log") : "";
        said.Say($"{published.Name} {published.Version} {outcome}{place}\nrelease "
            + $"{published.Digest}{string.Concat(reasons.Select(reason => "\n  " + reason))}", json =>
        {
            json.WriteString("name", published.Name.ToString());
            json.WriteString("version", published.Version.ToString());
            json.WriteString("registry", registry);
            json.WriteString("outcome",
                isThere || published.Decision is null ? published.Result.Outcome.ToString() : published.Decision.Verdict.ToString());
            json.WriteNumber("logIndex", published.LogIndex);
            json.WriteString("release", published.Digest);
            json.WriteTexts("reasons", reasons);
        });
        return isThere ? ExitCode.Ok : ExitCode.No;
    }
}
