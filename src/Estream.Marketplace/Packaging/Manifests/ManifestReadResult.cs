using Estream.Esf.Schema;

namespace Estream.Marketplace.Manifests;

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
    /// Every mistake, in the order of the file, at most <see cref="ManifestLimits.MaxMistakes"/> and one; of a file that is no TOML the
    /// first. Their codes are those of <see cref="ManifestCodes"/>. A column counts Unicode characters from 1.
    /// </summary>
    public IReadOnlyList<SchemaDiagnostic> Diagnostics { get; }
}
