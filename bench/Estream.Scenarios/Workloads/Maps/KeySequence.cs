using System.Runtime.CompilerServices;

namespace Estream.Scenarios.Workloads;

/// <summary>
/// The keys of the map scenarios, the same as bench/peers/maps/key_sequence.h: entry i has key splitmix64(i); which
/// entry comes next is drawn by xorshift64. Its cost is part of every map figure, on both sides.
/// </summary>
internal struct KeySequence(ulong entries)
{
    private readonly ulong _entries = entries;
    private ulong _state = 88172645463325252;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong KeyOf(ulong index)
    {
        ulong z = index + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Next() => KeyOf(NextEntry(0));

    /// <summary>Returns a key that depends on the value found under the previous one, so that no two gets overlap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong NextAfter(ulong value) => KeyOf(NextEntry(value));

    /// <summary>Returns the number of the entry whose key comes next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong NextEntry(ulong value = 0)
    {
        ulong state = _state ^ value;
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        _state = state;
        return ((state >> 32) * _entries) >> 32;
    }
}
