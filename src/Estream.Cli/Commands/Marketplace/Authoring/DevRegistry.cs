using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Estream.Crypto;
using Estream.Esf.Schema;
using Estream.Marketplace;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Namespaces;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>A local registry for components in development. Its root and owner key exist only on this machine, so no other machine trusts
/// it, and this machine verifies it without skipping a check.</summary>
internal sealed partial class DevRegistry
{
    // Each registry gets a unique name, so the recorded state of one is never compared with another.
    private const string NamePrefix = "dev.invalid/";
    private const int Years = 20;
    private const string WidgetManifest = "widget.manifest.yaml";

    private readonly string _folder;

    private DevRegistry(string folder) => _folder = folder;

    /// <summary>The folder that components are fetched from.</summary>
    public string Public => RegistryOperator.PublicFolder(_folder);

    /// <summary>The root file that a workspace on this machine pins.</summary>
    public string Root => Path.Combine(Public, "roles", "1.root.json");

    private string OwnerKey => Path.Combine(_folder, "keys", "owner.key");

    /// <summary>Opens the registry, or creates it if it does not exist.</summary>
    public static async Task<DevRegistry> OpenAsync(CliContext context, string folder)
    {
        DevRegistry registry = new(folder);
        if (!File.Exists(registry.Root))
        {
            await RegistryInitializer.CreateAsync(folder, NamePrefix + Guid.NewGuid().ToString("N"), context.Clock, context.Cancellation)
                .ConfigureAwait(false);

            // Each change is published as a release, so raise the limit of releases per day.
            await File.WriteAllTextAsync(Path.Combine(folder, PublishSettings.FileName), "{ \"releasesADay\": 20000 }\n",
                context.Cancellation).ConfigureAwait(false);
            using MlDsa87PrivateKey key = MlDsa87PrivateKey.Generate();
            key.Save(registry.OwnerKey);
        }

        using RegistryOperator registered = await MarketplaceOptions.OpenAsync(context, folder).ConfigureAwait(false);
        return registered.Root.Registry.StartsWith(NamePrefix, StringComparison.Ordinal)
            ? registry
            : throw new CliException(
                $"'{folder}' contains the registry {registered.Root.Registry}, which 'estream marketplace dev' did not create. Choose "
                + "another folder.");
    }

    /// <summary>Publishes a checked component under a new pre-release version and returns this version.</summary>
    public async Task<string> PublishAsync(CliContext context, ComponentCheck check, string[] schemas)
    {
        using RegistryOperator registered = await MarketplaceOptions.OpenAsync(context, _folder, schemas).ConfigureAwait(false);
        using DocumentSigner owner = DocumentSigner.Load(OwnerKey);
        ComponentManifest manifest = check.Folder.Manifest!;
        await ClaimAsync(context, registered, owner, manifest.Name).ConfigureAwait(false);
        IReadOnlyList<RegistryRelease> there = await registered.Registry.ListAsync(manifest.Name, context.Cancellation)
            .ConfigureAwait(false);
        string separator = manifest.Version.ToString().Contains('-', StringComparison.Ordinal) ? "." : "-";
        string version = string.Create(CultureInfo.InvariantCulture,
            $"{manifest.Version.ToString().Split('+')[0]}{separator}dev.{there.Count + 1}");
        Package renamed = Renamed(check.Folder.Package!, manifest.Name, version);
        Package packed = PackCommand.Pack(check, ManifestReader.Read(renamed.Manifest.Span).Manifest!, renamed, null).Package;
        await PublishAsync(context, registered, owner, packed, $"{manifest.Name} {version}").ConfigureAwait(false);
        return version;
    }

    /// <summary>Publishes checked components under their own versions, except those that are published.</summary>
    public async Task PublishReleasesAsync(CliContext context, IEnumerable<ComponentCheck> checks)
    {
        using RegistryOperator registered = await MarketplaceOptions.OpenAsync(context, _folder).ConfigureAwait(false);
        using DocumentSigner owner = DocumentSigner.Load(OwnerKey);
        foreach (ComponentCheck check in checks)
        {
            ComponentManifest manifest = check.Folder.Manifest!;
            IReadOnlyList<RegistryRelease> there = await registered.Registry.ListAsync(manifest.Name, context.Cancellation)
                .ConfigureAwait(false);
            if (there.All(release => release.Version != manifest.Version))
            {
                await ClaimAsync(context, registered, owner, manifest.Name).ConfigureAwait(false);
                await PublishAsync(context, registered, owner, PackCommand.Pack(check, null).Package, manifest.ToString())
                    .ConfigureAwait(false);
            }
        }
    }

    /// <summary>Renews the signed state, which is valid for a day.</summary>
    public async Task RenewAsync(CliContext context)
    {
        using RegistryOperator registered = await MarketplaceOptions.OpenAsync(context, _folder).ConfigureAwait(false);
        await registered.RenewAsync(context.Cancellation).ConfigureAwait(false);
    }

    private static async Task ClaimAsync(CliContext context, RegistryOperator registered, DocumentSigner owner, ComponentName name)
    {
        NamespaceName owned = NamespaceName.Of(name);
        if (registered.Namespaces.Owners(owned) is null)
        {
            DateTimeOffset expires = context.Now.AddYears(Years);
            await registered.SubmitAsync(new NamespaceRecord(owned, 1, [owner.Key], 1, expires).Sign(owner).ToJson(), context.Cancellation)
                .ConfigureAwait(false);
        }
    }

    private static async Task PublishAsync(
        CliContext context, RegistryOperator registered, DocumentSigner owner, Package package, string release)
    {
        PublishedRelease published = await RegistryOperation.RunAsync(() =>
            PublishCommand.PublishAsync(context, registered, package, [owner], null)).ConfigureAwait(false);
        if (published.LogIndex < 0)
        {
            throw new CliException(
                $"{release} is pending and not published: {string.Join("; ", published.Decision?.Reasons ?? [])}", ExitCode.No);
        }
    }

    // A published version is immutable here too, so each change gets its own version.
    private static Package Renamed(Package package, ComponentName name, string version)
    {
        string text = Encoding.UTF8.GetString(package.Manifest.Span);
        string changed = Version().Replace(text, match => match.Groups[1].Value + "\"" + version + "\"", 1);
        byte[] bytes = Encoding.UTF8.GetBytes(changed);
        return ManifestReader.Read(bytes).Manifest is { } read && read.Name == name && read.Version == SemanticVersion.Parse(version)
            ? Package.Of(
                package.Files.Select(file => file.Path == PackagePath.Manifest ? file with { Content = bytes } : file.Path == WidgetManifest
                    ? file with { Content = InWidget(file.Content, version) } : file))
            : throw new CliException(
                $"The version of {name} was not found in its manifest. Write version = \"…\" on its own line, first in [component].");
    }

    // A widget also has its version in widget.manifest.yaml.
    private static byte[] InWidget(ReadOnlyMemory<byte> manifest, string version) =>
        Encoding.UTF8.GetBytes(VersionOfWidget()
            .Replace(Encoding.UTF8.GetString(manifest.Span), match => match.Groups[1].Value + "\"" + version + "\"", 1));

    [GeneratedRegex("^(\\s+version\\s*:\\s*)(\"[^\"\\n]*\"|'[^'\\n]*'|[^\\s#]+)", RegexOptions.Multiline)]
    private static partial Regex VersionOfWidget();

    [GeneratedRegex("^(\\s*version\\s*=\\s*)([\"'])[^\"']*\\2", RegexOptions.Multiline)]
    private static partial Regex Version();
}
