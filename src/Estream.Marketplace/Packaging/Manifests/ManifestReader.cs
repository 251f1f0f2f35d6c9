using Estream.Esf.Schema;
using Estream.Marketplace.Manifests.Reading;
using Estream.Marketplace.Toml;

namespace Estream.Marketplace.Manifests;

/// <summary>
/// Reads <c>estream-component.toml</c> (docs/formats/manifest.md), strictly: a key that means nothing is a mistake as much as one that
/// is missing. Whatever it is given, it answers and does not throw. Thread-safe; holds no state.
/// </summary>
public static class ManifestReader
{
    /// <summary>Reads a manifest.</summary>
    /// <param name="utf8">The bytes of the file, from anywhere.</param>
    /// <param name="file">The name of the file, as messages shall show it.</param>
    public static ManifestReadResult Read(ReadOnlySpan<byte> utf8, string file = ComponentManifest.FileName)
    {
        ArgumentNullException.ThrowIfNull(file);
        ManifestErrors errors = new(file);
        if (utf8.Length > ManifestLimits.MaxBytes)
        {
            errors.Report(ManifestCodes.Limit, new SourcePosition(1, 1), ManifestMessages.TooLong());
            return new ManifestReadResult(null, errors.InOrder());
        }

        TomlReadResult toml = TomlReader.Read(utf8);
        if (toml.Error is { } error)
        {
            errors.Report(ManifestCodes.Syntax, error.Position, error.Message);
            return new ManifestReadResult(null, errors.InOrder());
        }

        ComponentManifest? manifest = ComponentSection.Read(toml.Root!, errors);
        return new ManifestReadResult(manifest, errors.InOrder());
    }
}

/// <summary>What reading a manifest gave: the manifest, or the mistakes that prevent it.</summary>
public sealed class ManifestReadResult
{
    internal ManifestReadResult(ComponentManifest? manifest, IReadOnlyList<SchemaDiagnostic> diagnostics)
    {
        Manifest = diagnostics.Count == 0 ? manifest : null;
        Diagnostics = diagnostics;
    }

    /// <summary>The manifest; null when there is any mistake.</summary>
    public ComponentManifest? Manifest { get; }

    /// <summary>
    /// Every mistake, in the order of the file, at most <see cref="ManifestLimits.MaxErrors"/> and one; of a file that is no TOML the
    /// first. Their codes are those of <see cref="ManifestCodes"/>. A column counts Unicode characters from 1.
    /// </summary>
    public IReadOnlyList<SchemaDiagnostic> Diagnostics { get; }
}
