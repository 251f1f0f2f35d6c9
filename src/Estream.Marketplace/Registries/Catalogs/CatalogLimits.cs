namespace Estream.Marketplace.Trust.Catalogs;

/// <summary>How much of a catalogue is taken.</summary>
internal static class CatalogLimits
{
    /// <summary>Bytes of a part.</summary>
    public const int MaxPartBytes = 4 << 20;

    /// <summary>Components, and namespaces, of a part.</summary>
    public const int MaxEntries = 16_384;

    public const int MaxDepth = 4;
}
