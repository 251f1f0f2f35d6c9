using System.Text;
using Estream.Esf.Schema;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Releases;

namespace Estream.Marketplace.Tests.Client;

/// <summary>A release of an adapter for a test: its manifest, its package, and optional false statements about them.</summary>
internal sealed class PublishedRelease
{
    private readonly string _text;
    private readonly Package? _built;

    /// <summary>Creates a release of a given package.</summary>
    public PublishedRelease(Package package)
    {
        _built = package;
        _text = Encoding.UTF8.GetString(package.Manifest.Span);
        Manifest = Read(_text);
    }

    /// <summary>Creates a release.</summary>
    /// <param name="release">Name and version: <c>esf-iot 1.2.0</c>.</param>
    /// <param name="needs">Components with their ranges: <c>esf-iot ^1.2</c>.</param>
    /// <param name="permissions">The permissions that the release asks for.</param>
    /// <param name="provides">The schemas that the release provides.</param>
    /// <param name="requires">The schemas that the release requires.</param>
    public PublishedRelease(string release, string[]? needs = null, string[]? permissions = null, string[]? provides = null,
        string[]? requires = null)
    {
        string[] words = release.Split(' ');
        _text = $"""
            [component]
            name = "{words[0]}"
            version = "{words[1]}"
            category = "wire-adapter"
            description = "Doors that speak their own protocol"
            license = "Apache-2.0"
            permissions = [{Quoted(permissions)}]

            [component.adapter]
            protocol = "acme-doors"
            family = "industrial"
            transports = ["tcp"]
            assembly = "lib/Acme.Wire.Doors.dll"
            factory = "Acme.Wire.Doors.DoorsAdapterFactory"
            bidirectional = true

            [component.schemas]
            provides = [{Quoted(provides)}]
            requires = [{Quoted(requires)}]

            [component.include]
            schemas = ["schemas/*.esf.yaml"]

            [component.dependencies]
            {string.Join('\n', (needs ?? []).Select(need => need.Split(' ', 2)).Select(need => $"\"{need[0]}\" = \"{need[1]}\""))}

            """.ReplaceLineEndings("\n");
        if (needs is null)
        {
            _text = _text.Replace("[component.dependencies]\n", "", StringComparison.Ordinal).TrimEnd('\n') + "\n";
        }

        Manifest = Read(_text);
    }

    public ComponentManifest Manifest { get; }

    public ComponentName Name => Manifest.Name;

    public SemanticVersion Version => Manifest.Version;

    /// <summary>Changes the catalogue entry that the registry lists.</summary>
    public Func<RegistryRelease, RegistryRelease> Says { get; init; } = said => said;

    /// <summary>Changes the facts that the owners sign.</summary>
    public Func<PackageFacts, PackageFacts> Signs { get; init; } = facts => facts;

    public Package Package => _built ?? Estream.Marketplace.Packages.Package.Of(
    [
        new PackageFile(PackagePath.Manifest, false, Encoding.UTF8.GetBytes(_text)),
        new PackageFile("lib/Acme.Wire.Doors.dll", false, Encoding.UTF8.GetBytes($"code of {Manifest}")),
    ]);

    private static ComponentManifest Read(string text)
    {
        ManifestReadResult read = ManifestReader.Read(Encoding.UTF8.GetBytes(text));
        Assert.True(read.Manifest is not null, string.Join('\n', read.Diagnostics));
        return read.Manifest;
    }

    private static string Quoted(string[]? texts) => string.Join(", ", (texts ?? []).Select(text => $"\"{text}\""));
}
