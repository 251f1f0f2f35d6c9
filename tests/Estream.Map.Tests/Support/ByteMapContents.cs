namespace Estream.Map.Tests;

/// <summary>What a map of bytes holds, as its enumeration gives it.</summary>
internal static class ByteMapContents
{
    /// <summary>Keys in hexadecimal digits. A key that comes twice is an error.</summary>
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
