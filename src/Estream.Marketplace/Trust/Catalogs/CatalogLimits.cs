namespace Estream.Marketplace.Trust.Catalogs;

/// <summary>How much of a catalogue is taken.</summary>
internal static class CatalogLimits
{
    /// <summary>Bytes of the document that names the parts: 256 references have less than half of it.</summary>
    public const int MaxDocumentBytes = 64 << 10;

    /// <summary>Bytes of a part.</summary>
    public const int MaxPartBytes = 4 << 20;

    /// <summary>Components, and namespaces, of a part.</summary>
    public const int MaxEntries = 16_384;

    public const int MaxDepth = 4;
}
