using System.Runtime.InteropServices;
using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>A value as it is stored in a map with versions.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Stamped<TValue>
    where TValue : unmanaged
{
    public long Version;

    /// <summary>Nanoseconds since 1970 UTC.</summary>
    public long ExpiresAt;

    public TValue Value;

    /// <summary>Whether the entry's time is over.</summary>
    public readonly bool IsOver(IClock clock) => Stamp.IsOver(ExpiresAt, clock);

    /// <summary>Whether it was over at a moment.</summary>
    public readonly bool IsOverAt(long now) => Stamp.IsOver(ExpiresAt, now);

    /// <summary>What users see of it.</summary>
    public readonly VersionedEntry<TKey, TValue> EntryOf<TKey>(TKey key)
        where TKey : unmanaged => new(key, Value, Version, ExpiresAt);
}
