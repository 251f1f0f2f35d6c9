namespace Estream.Map;

/// <summary>An entry of a <see cref="VersionedMap{TKey, TValue}"/>, as it was at some moment of the call that returned it.</summary>
/// <typeparam name="TKey">The key type of the map.</typeparam>
/// <typeparam name="TValue">The value type of the map.</typeparam>
/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
/// <param name="Version">Its version, above 0. A key never gets the same one twice, and a later one is higher.</param>
/// <param name="ExpiresAt">When it ends, in nanoseconds since 1970 UTC; 0 when it stays.</param>
public readonly record struct VersionedEntry<TKey, TValue>(TKey Key, TValue Value, long Version, long ExpiresAt)
    where TKey : unmanaged
    where TValue : unmanaged;
