namespace Estream.Marketplace.Registries;

/// <summary>A file by which a registry says what it has.</summary>
/// <param name="Path">Its path in the registry.</param>
/// <param name="Content">Its bytes.</param>
public sealed record RegistryFile(string Path, ReadOnlyMemory<byte> Content);
