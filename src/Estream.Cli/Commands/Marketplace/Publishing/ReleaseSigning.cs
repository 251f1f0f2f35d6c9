using Estream.Marketplace.Client;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>Signs a release for a registry that is operated elsewhere: `publish --out`.</summary>
internal static class ReleaseSigning
{
    /// <summary>Signs the release, writes the folder for the registry operator, and returns the exit code.</summary>
    public static async Task<int> RunAsync(CliContext context, MarketplaceOutput said, PublishRequest request)
    {
        Package package = PublishCommand.Read(request.File!);
        ManifestReadResult read = ManifestReader.Read(package.Manifest.Span);
        ComponentManifest manifest = read.Manifest
            ?? throw new CliException($"The manifest in '{request.File}' is not valid: {read.Diagnostics[0]}", ExitCode.No);
        (string registry, string? before) = await AskAsync(context, request, manifest, package).ConfigureAwait(false);
        List<DocumentSigner> signers = MarketplaceOptions.Load(request.Keys);
        SignedRelease release;
        try
        {
            release = SignedRelease.Sign(package, before, request.BuildRef, signers);
        }
        finally
        {
            signers.ForEach(signer => signer.Dispose());
        }

        string folder = request.Output!, digest = release.Statement.Digest();
        SignedReleaseFile.Write(folder, release);
        said.Say($"{manifest} is signed for {registry} and not published: {folder} contains {SignedReleaseFile.PackageName} and "
            + $"{SignedReleaseFile.EntryName} for its operator\nrelease {digest}", json =>
        {
            json.WriteString("name", manifest.Name.ToString());
            json.WriteString("version", manifest.Version.ToString());
            json.WriteString("registry", registry);
            json.WriteString("folder", folder);
            json.WriteString("release", digest);
            json.WriteString("prevRelease", before);
        });
        said.Note($"Next, on the machine of the registry: estream marketplace publish --signed {folder} --registry FOLDER");
        return ExitCode.Ok;
    }

    /// <summary>Returns the name of the registry and the digest of the previous release. Uses only signed data of the registry, so its
    /// server cannot forge the previous release.</summary>
    public static async Task<(string Registry, string? Before)> AskAsync(CliContext context, PublishRequest request,
        ComponentManifest manifest, Package package)
    {
        TrustedRegistry registry = RegistrySet.OpenOne(request.From!, request.Root!, Directory.GetCurrentDirectory(), request.Cache,
            context.Clock, null, LoginCommand.Credentials(context));
        using IDisposable? place = registry.Place as IDisposable;
        RegistryFolderCheck.RequireThere(registry.Place);
        RegistryView view = await registry.RefreshAsync(context.Clock, context.Cancellation).ConfigureAwait(false);
        RegistryRelease? there = (await view.ListAsync(manifest.Name, context.Cancellation).ConfigureAwait(false)).FirstOrDefault(one =>
            one.Version == manifest.Version);
        return there is null || there.Root256 == package.Identity.Root256
            ? (registry.Name,
                await new ReleaseChain(context.Clock).LastReleaseAsync(view, manifest.Name, manifest.Version, context.Cancellation)
                    .ConfigureAwait(false))
            : throw new CliException(
                $"{manifest} is already published in {registry.Name} with different files. A published version is immutable: publish a new "
                + "version.", ExitCode.No);
    }
}
