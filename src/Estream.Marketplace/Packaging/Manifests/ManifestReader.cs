using Estream.Esf.Schema;
using Estream.Marketplace.Manifests.Reading;
using Estream.Marketplace.Toml;

namespace Estream.Marketplace.Manifests;

/// <summary>
/// Reads <c>estream-component.toml</c> (docs/formats/manifest.md) strictly: an unknown key is an error, as is a missing one. Accepts any
/// bytes and never throws because of them. Thread-safe; holds no state.
/// </summary>
public static class ManifestReader
{
    /// <summary>Reads a manifest.</summary>
    /// <param name="utf8">The untrusted bytes of the file.</param>
    /// <param name="file">The name of the file in messages.</param>
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

/// <summary>The result of reading a manifest: the manifest, or the errors that prevent it.</summary>
public sealed class ManifestReadResult
{
    internal ManifestReadResult(ComponentManifest? manifest, IReadOnlyList<SchemaDiagnostic> diagnostics)
    {
        Manifest = diagnostics.Count == 0 ? manifest : null;
        Diagnostics = diagnostics;
    }

    /// <summary>The manifest; null if there are errors.</summary>
    public ComponentManifest? Manifest { get; }

    /// <summary>
    /// All errors in file order, at most <see cref="ManifestLimits.MaxErrors"/> plus one; only the first error if the file is not TOML. The
    /// codes are those of <see cref="ManifestCodes"/>. Columns count Unicode characters from 1.
    /// </summary>
    public IReadOnlyList<SchemaDiagnostic> Diagnostics { get; }
}
