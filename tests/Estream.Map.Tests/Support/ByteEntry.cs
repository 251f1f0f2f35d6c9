using Estream.Core;

namespace Estream.Map.Tests;

/// <summary>An entry of a versioned byte map, with key and value in hexadecimal digits, so that entries can be compared.</summary>
internal sealed record ByteEntry(string Key, string Value, long Version, long ExpiresAt)
{
    public static ByteEntry Of(VersionedByteMapEntry entry) =>
        new(Convert.ToHexString(entry.Key), Convert.ToHexString(entry.Value), entry.Version, entry.ExpiresAt);
}

/// <summary>The entries of versioned byte maps, and the entries that result from their events, in the order of the keys.</summary>
internal static class ByteEntries
{
    public static ByteEntry[] Entries(this VersionedByteMap map)
    {
        List<ByteEntry> found = [];
        foreach (VersionedByteMapEntry entry in map)
        {
            found.Add(ByteEntry.Of(entry));
        }

        return InOrder(found);
    }

    public static ByteEntry[] Entries(this VersionedByteMapSnapshot snapshot)
    {
        List<ByteEntry> found = [];
        foreach (VersionedByteMapEntry entry in snapshot)
        {
            found.Add(ByteEntry.Of(entry));
        }

        return InOrder(found);
    }

    public static ByteEntry[] ReplayBytes(this RecordingSink sink)
    {
        Dictionary<string, ByteEntry> map = [];
        foreach (RecordedChange change in sink.Events)
        {
            string key = Convert.ToHexString(change.Key);
            switch (change.Kind)
            {
                case MapChangeKind.Clear:
                    map.Clear();
                    break;
                case MapChangeKind.Put:
                    map[key] = new ByteEntry(key, Convert.ToHexString(change.Value), change.Version, change.ExpiresAt);
                    break;
                default:
                    map.Remove(key);
                    break;
            }
        }

        return InOrder(map.Values);
    }

    // A key returned twice would be listed twice here.
    private static ByteEntry[] InOrder(IEnumerable<ByteEntry> entries) => [.. entries.OrderBy(entry => entry.Key, StringComparer.Ordinal)];
}

/// <summary>The entries of a byte map as its enumeration returns them.</summary>
internal static class ByteMapContents
{
    /// <summary>Keys in hexadecimal digits. A key that is returned twice is an error.</summary>
    public static Dictionary<string, byte[]> ToDictionary(this ByteMap map)
    {
        Dictionary<string, byte[]> found = [];
        foreach (ByteMapEntry entry in map)
        {
            found.Add(Convert.ToHexString(entry.Key), entry.Value.ToArray());
        }

        return found;
    }
}
