using Estream.Esf.Schema;

namespace Estream.Marketplace.Manifests;

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
