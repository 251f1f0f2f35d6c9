using Estream.Esf.Schema;

namespace Estream.Marketplace.Registries;

/// <summary>The bundle of a release as its registry makes it now: of a later time than the one before, or signed by other keys of the
/// registry.</summary>
/// <param name="Version">Which release of the component.</param>
/// <param name="Content">The bundle (docs/formats/bundle.md), without the package.</param>
public sealed record RegistryBundle(SemanticVersion Version, ReadOnlyMemory<byte> Content)
{
    /// <summary>The file it is, in a registry of files.</summary>
    internal RegistryFile FileOf(ComponentName name) => new(RegistryPaths.Bundle(name, Version), Content);
}
