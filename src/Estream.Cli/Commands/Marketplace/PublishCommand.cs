using System.CommandLine;
using System.Globalization;
using Estream.Circuits.Governance;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace publish`.</summary>
internal static class PublishCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string> file = new("FILE") { Description = "A package (.escx), as 'estream marketplace pack' made it." };
        Option<string[]> keys = MarketplaceOptions.Keys("The key of an owner of the component's namespace, by which it is signed here.");
        Option<string> registry = MarketplaceOptions.Registry();
        Option<string?> buildRef = new("--build-ref") { Description = "Where it was built from, such as git+https://example.org/doors@COMMIT: stands in what is signed.", HelpName = "REF" };
        Option<string[]> schemas = MarketplaceOptions.Schemas();
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "publish",
            "Signs a release and publishes it in a registry that is run here, where it is looked at and decided about first: its statement goes into the package, its entry into the log, and its bundle, which verifies without any network, beside it. "
            + "A version is the same for good: the same package again changes nothing, another one is refused. It need not be the highest, so that an older line can be mended. "
            + "What was cut off half done goes on when it is said again.")
        {
            file, keys, registry, buildRef, schemas, json,
        };
        command.SetAction(async (parsed, _) =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            Package package = Read(parsed.GetRequiredValue(file));
            (string name, PublishedRelease published) = await RegistryWork.SignedAsync(
                context,
                parsed.GetRequiredValue(registry),
                parsed.GetRequiredValue(keys),
                async (registered, signers) => (registered.Root.Registry, await PublishAsync(context, registered, package, signers, parsed.GetValue(buildRef)).ConfigureAwait(false)),
                parsed.GetRequiredValue(schemas)).ConfigureAwait(false);
            return Say(said, name, published);
        });
        return command;
    }

    /// <summary>Signs and publishes in the registry's own place.</summary>
    /// <exception cref="ArgumentException">The manifest in the package has mistakes.</exception>
    /// <exception cref="EstreamRegistryException">The registry refuses it.</exception>
    public static async Task<PublishedRelease> PublishAsync(CliContext context, RegistryOperator registered, Package package, IReadOnlyCollection<DocumentSigner> signers, string? buildRef)
    {
        // Without a manifest there is nothing before it either, and signing says what is wrong.
        string? before = ManifestReader.Read(package.Manifest.Span).Manifest is { } manifest
            ? await registered.LastReleaseAsync(manifest.Name, manifest.Version, null, context.Cancellation).ConfigureAwait(false)
            : null;
        return await registered.PublishAsync(SignedRelease.Sign(package, before, buildRef, signers), null, context.Cancellation).ConfigureAwait(false);
    }

    private static Package Read(string path)
    {
        using FileStream file = NamedFile.Open(path);
        PackageReadResult read = Package.Read(file, out Package? package);
        return package ?? throw new CliException($"'{path}' is no package: {read}", ExitCode.No);
    }

    /// <summary>Says what came of a release; the exit code.</summary>
    public static int Say(MarketplaceOutput said, string registry, PublishedRelease published)
    {
        bool isThere = published.LogIndex >= 0;
        string[] reasons = [.. published.Decision?.Reasons ?? []];
        string outcome = published.Result.Outcome == PublishOutcome.Unchanged ? $"was there already, and is the same, in {registry}"
            : isThere ? $"is published in {registry}"
            : published.Decision?.Verdict == PublishVerdict.Rejected ? $"is refused by {registry}"
            : $"waits in {registry}, and is not published";
        string place = isThere ? string.Create(CultureInfo.InvariantCulture, $", entry {published.LogIndex} of its log") : "";
        said.Say($"{published.Name} {published.Version} {outcome}{place}\nrelease {published.Digest}{string.Concat(reasons.Select(reason => "\n  " + reason))}", json =>
        {
            json.WriteString("name", published.Name.ToString());
            json.WriteString("version", published.Version.ToString());
            json.WriteString("registry", registry);
            json.WriteString("outcome", isThere || published.Decision is null ? published.Result.Outcome.ToString() : published.Decision.Verdict.ToString());
            json.WriteNumber("logIndex", published.LogIndex);
            json.WriteString("release", published.Digest);
            json.WriteTexts("reasons", reasons);
        });
        return isThere ? ExitCode.Ok : ExitCode.No;
    }
}
