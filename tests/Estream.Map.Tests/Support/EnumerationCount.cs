namespace Estream.Map.Tests;

internal static class EnumerationCount
{
    /// <summary>How many entries an enumeration gives, to be compared with <see cref="StateMap{TKey, TValue}.Count"/>.</summary>
    public static long CountByEnumeration<TKey, TValue>(this StateMap<TKey, TValue> map)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        long entries = 0;
        foreach (KeyValuePair<TKey, TValue> _ in map)
        {
            entries++;
        }

        return entries;
    }
}
