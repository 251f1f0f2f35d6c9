using Estream.Esf.Schema;
using Estream.Marketplace.Packages;

namespace Estream.Marketplace.Manifests;

/// <summary>What <c>estream-component.toml</c> says of a component (docs/formats/manifest.md). Immutable and safe for many
/// threads.</summary>
public sealed class ComponentManifest
{
    /// <summary>The name of every manifest's file.</summary>
    public const string FileName = PackagePath.Manifest;

    internal ComponentManifest()
    {
    }

    /// <summary>The name of the component.</summary>
    public required ComponentName Name { get; init; }

    /// <summary>Its version.</summary>
    public required SemanticVersion Version { get; init; }

    /// <summary>What it is.</summary>
    public required ComponentCategory Category { get; init; }

    /// <summary>What it is for, in one line.</summary>
    public required string Description { get; init; }

    /// <summary>Its license as an SPDX expression, such as <c>Apache-2.0</c>.</summary>
    public required string License { get; init; }

    /// <summary>The least license tier with which it may be used.</summary>
    public required LicenseTier LicenseTier { get; init; }

    /// <summary>Words to find it by.</summary>
    public required IReadOnlyList<string> Keywords { get; init; }

    /// <summary>Who wrote it, for people to read; nothing is trusted for it. Null where the manifest does not say.</summary>
    public required ComponentAuthor? Author { get; init; }

    /// <summary>Where its source is kept; null where the manifest does not say.</summary>
    public required string? Repository { get; init; }

    /// <summary>Its page; null where the manifest does not say.</summary>
    public required string? Homepage { get; init; }

    /// <summary>The schemas it brings along, by plain name. Each has the version of the component.</summary>
    public required IReadOnlyList<string> ProvidedSchemas { get; init; }

    /// <summary>The schemas that some component has to bring along.</summary>
    public required IReadOnlyList<SchemaRequirement> RequiredSchemas { get; init; }

    /// <summary>The components it needs: those of <c>[component.dependencies]</c>, and the packs that <c>requires</c> names.</summary>
    public required IReadOnlyList<ComponentRequirement> Dependencies { get; init; }

    /// <summary>What it needs of the programs around it: <c>host</c>, <c>console</c>, <c>sdk</c>.</summary>
    public required IReadOnlyList<EngineRequirement> Engines { get; init; }

    /// <summary>What it asks to be allowed.</summary>
    public required IReadOnlyList<ComponentPermission> Permissions { get; init; }

    /// <summary>How it can be built again; null where the manifest does not say.</summary>
    public required BuildRecipe? Build { get; init; }

    /// <summary>What its category asks for; null for <see cref="ComponentCategory.EsfSchema"/>, which asks for schemas alone.</summary>
    public required CategoryDetails? Details { get; init; }

    /// <summary>The files that the manifest names, each of which has to be in the package. In the order of the manifest, none
    /// twice.</summary>
    public required IReadOnlyList<ManifestFile> Files { get; init; }

    /// <summary>The patterns of <c>[component.include]</c>.</summary>
    public required IReadOnlyList<IncludePattern> Include { get; init; }

    /// <summary>
    /// Whether a file in the folder of the component belongs to its package: the manifest, what it names, what a pattern of it matches,
    /// and <c>README.md</c>, <c>LICENSE</c>, <c>NOTICE</c> and <c>CHANGELOG.md</c> beside it.
    /// </summary>
    /// <param name="path">The path from that folder, with slashes.</param>
    public bool Includes(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return PackagePath.KindOf(path) == PackageEntryKind.Content
            && (path is FileName or "README.md" or "LICENSE" or "NOTICE" or "CHANGELOG.md"
                || Files.Any(file => file.Path == path)
                || Include.Any(pattern => pattern.Matches(path)));
    }

    /// <summary>Whether a file may be executed once it is installed: a pattern of <c>executable</c> matches it.</summary>
    /// <param name="path">The path from the folder of the component, with slashes.</param>
    public bool IsExecutable(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Include.Any(pattern => pattern.Group == IncludePattern.Executable && pattern.Matches(path));
    }

    /// <summary>The component for people: <c>@acme/doors 1.2.0</c>.</summary>
    public override string ToString() => $"{Name} {Version}";
}

/// <summary>Who wrote a component, for people to read: trust comes from keys (docs/formats/manifest.md, "Author").</summary>
/// <param name="Name">A name.</param>
/// <param name="Email">Where to write to; null where the manifest does not say.</param>
/// <param name="Url">A page; null where the manifest does not say.</param>
public sealed record ComponentAuthor(string Name, string? Email, string? Url);

/// <summary>A schema that some component has to bring along.</summary>
/// <param name="Schema">The plain name of the schema.</param>
/// <param name="Range">The versions that will do, which are those of the component that provides it.</param>
public sealed record SchemaRequirement(string Schema, VersionRange Range)
{
    /// <summary>The requirement as a person writes it: <c>IoTTelemetry ^1.2</c>.</summary>
    public override string ToString() => $"{Schema} {Range}";
}

/// <summary>How a component can be built again, so that anybody gets the same content.</summary>
/// <param name="Image">A container image, pinned by its digest.</param>
/// <param name="Command">The program and its arguments; no shell sees them.</param>
public sealed record BuildRecipe(string Image, IReadOnlyList<string> Command);

/// <summary>A file that a manifest names.</summary>
/// <param name="Path">Its path from the folder of the component, with slashes.</param>
/// <param name="Position">Where it is named.</param>
/// <param name="MaxBytes">The longest it may be.</param>
public sealed record ManifestFile(string Path, SourcePosition Position, int MaxBytes);
