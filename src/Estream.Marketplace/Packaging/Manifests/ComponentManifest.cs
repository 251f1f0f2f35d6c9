using Estream.Esf.Schema;
using Estream.Marketplace.Packages;

namespace Estream.Marketplace.Manifests;

/// <summary>The content of <c>estream-component.toml</c> (docs/formats/manifest.md). Immutable and thread-safe.</summary>
public sealed class ComponentManifest
{
    /// <summary>The file name of every manifest.</summary>
    public const string FileName = PackagePath.Manifest;

    internal ComponentManifest()
    {
    }

    /// <summary>The name of the component.</summary>
    public required ComponentName Name { get; init; }

    /// <summary>The version of the component.</summary>
    public required SemanticVersion Version { get; init; }

    /// <summary>The category of the component.</summary>
    public required ComponentCategory Category { get; init; }

    /// <summary>The purpose of the component, in one line.</summary>
    public required string Description { get; init; }

    /// <summary>The license as an SPDX expression, such as <c>Apache-2.0</c>.</summary>
    public required string License { get; init; }

    /// <summary>The lowest license tier that allows using the component.</summary>
    public required LicenseTier LicenseTier { get; init; }

    /// <summary>The search keywords.</summary>
    public required IReadOnlyList<string> Keywords { get; init; }

    /// <summary>The author, for display only; trust is never based on it. Null if not stated.</summary>
    public required ComponentAuthor? Author { get; init; }

    /// <summary>The address of the source repository; null if not stated.</summary>
    public required string? Repository { get; init; }

    /// <summary>The address of the home page; null if not stated.</summary>
    public required string? Homepage { get; init; }

    /// <summary>The plain names of the provided schemas. Each schema has the version of the component.</summary>
    public required IReadOnlyList<string> ProvidedSchemas { get; init; }

    /// <summary>The schemas that some component must provide.</summary>
    public required IReadOnlyList<SchemaRequirement> RequiredSchemas { get; init; }

    /// <summary>The required components: those in <c>[component.dependencies]</c>, and the packs that <c>requires</c> names.</summary>
    public required IReadOnlyList<ComponentRequirement> Dependencies { get; init; }

    /// <summary>The required engines: <c>host</c>, <c>console</c>, <c>sdk</c>.</summary>
    public required IReadOnlyList<EngineRequirement> Engines { get; init; }

    /// <summary>The requested permissions.</summary>
    public required IReadOnlyList<ComponentPermission> Permissions { get; init; }

    /// <summary>The recipe to rebuild the component; null if not stated.</summary>
    public required BuildRecipe? Build { get; init; }

    /// <summary>The category-specific details; null for <see cref="ComponentCategory.EsfSchema"/>, which has only schemas.</summary>
    public required CategoryDetails? Details { get; init; }

    /// <summary>The files that the manifest refers to, all of which must be in the package. In manifest order, without
    /// duplicates.</summary>
    public required IReadOnlyList<ManifestFile> Files { get; init; }

    /// <summary>The patterns in <c>[component.include]</c>.</summary>
    public required IReadOnlyList<IncludePattern> Include { get; init; }

    /// <summary>
    /// Returns whether a file in the folder of the component belongs to its package: the manifest, the files it refers to, the files that
    /// match an include pattern, and the top-level <c>README.md</c>, <c>LICENSE</c>, <c>NOTICE</c> and <c>CHANGELOG.md</c>.
    /// </summary>
    /// <param name="path">The path relative to the folder, with slashes.</param>
    public bool Includes(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return PackagePath.KindOf(path) == PackageEntryKind.Content
            && (path is FileName or "README.md" or "LICENSE" or "NOTICE" or "CHANGELOG.md"
                || Files.Any(file => file.Path == path)
                || Include.Any(pattern => pattern.Matches(path)));
    }

    /// <summary>Returns whether a file is executable after installation, because a pattern in <c>executable</c> matches it.</summary>
    /// <param name="path">The path relative to the folder of the component, with slashes.</param>
    public bool IsExecutable(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Include.Any(pattern => pattern.Group == IncludePattern.Executable && pattern.Matches(path));
    }

    /// <summary>Returns the name and the version: <c>@acme/doors 1.2.0</c>.</summary>
    public override string ToString() => $"{Name} {Version}";
}

/// <summary>The author of a component, for display only; trust comes from keys (docs/formats/manifest.md, "Author").</summary>
/// <param name="Name">The name.</param>
/// <param name="Email">The email address; null if not stated.</param>
/// <param name="Url">The address of a page; null if not stated.</param>
public sealed record ComponentAuthor(string Name, string? Email, string? Url);

/// <summary>A schema that some component must provide.</summary>
/// <param name="Schema">The plain name of the schema.</param>
/// <param name="Range">The accepted versions of the component that provides the schema.</param>
public sealed record SchemaRequirement(string Schema, VersionRange Range)
{
    /// <summary>Returns the requirement as text: <c>IoTTelemetry ^1.2</c>.</summary>
    public override string ToString() => $"{Schema} {Range}";
}

/// <summary>The recipe to rebuild a component with the same content.</summary>
/// <param name="Image">A container image, pinned by its digest.</param>
/// <param name="Command">The program and its arguments, executed without a shell.</param>
public sealed record BuildRecipe(string Image, IReadOnlyList<string> Command);

/// <summary>A file that a manifest refers to.</summary>
/// <param name="Path">The path relative to the folder of the component, with slashes.</param>
/// <param name="Position">The position of the reference in the manifest.</param>
/// <param name="MaxBytes">The maximum size of the file, in bytes.</param>
public sealed record ManifestFile(string Path, SourcePosition Position, int MaxBytes);
