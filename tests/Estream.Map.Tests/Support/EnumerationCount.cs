namespace Estream.Map.Tests;

internal static class EnumerationCount
{
    /// <summary>Counts the entries of an enumeration, for comparison with <see cref="StateMap{TKey, TValue}.Count"/>.</summary>
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
