namespace Estream.Map.Internal;

/// <summary>What the writer of a map of bytes found when it looked for a key.</summary>
internal struct LocatedEntry
{
    public nuint Hash;

    /// <summary>What the index has for the hash; the default if nothing.</summary>
    public BlockRef Root;

    public bool IsThere;

    /// <summary>The entry, if it is there.</summary>
    public FoundBlock Found;
}
