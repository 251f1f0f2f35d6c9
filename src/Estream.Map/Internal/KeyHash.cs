using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// Hash kind 1: a 64x64 -> 128 bit multiplication whose halves are folded together, once for keys up to eight bytes and per sixteen bytes
/// beyond. Each map has a random seed, so that whoever chooses the keys (a device on the network) cannot choose the collisions.
/// </summary>
internal readonly struct KeyHash
{
    private readonly ulong _whiten;
    private readonly ulong _multiplier;

    public KeyHash(ulong seed)
    {
        _whiten = Scramble(seed + 0x9E3779B97F4A7C15);
        _multiplier = Scramble(seed + 0x3C6EF372FE94F82A) | 1;
    }

    /// <summary>All 64 bits depend on all bits of the key; the table takes the low ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Of<TKey>(ref readonly TKey key)
        where TKey : unmanaged
    {
        if (RawValue.SizeOf<TKey>() <= 8)
        {
            return Fold(RawValue.WordAt(in key, 0) ^ _whiten, _multiplier);
        }

        return OfWide(in key);
    }

    private ulong OfWide<TKey>(ref readonly TKey key)
        where TKey : unmanaged
    {
        ulong state = _whiten ^ (ulong)RawValue.SizeOf<TKey>();
        int offset = 0;
        for (; offset + 8 < RawValue.SizeOf<TKey>(); offset += 16)
        {
            state = Fold(RawValue.WordAt(in key, offset) ^ _multiplier, RawValue.WordAt(in key, offset + 8) ^ state);
        }

        if (offset < RawValue.SizeOf<TKey>())
        {
            state ^= RawValue.WordAt(in key, offset);
        }

        return Fold(state ^ _whiten, _multiplier);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong left, ulong right)
    {
        // The low half is multiplied once more because the compiler passes the one that comes with the high half through memory.
        ulong high = Bmi2.X64.IsSupported ? Bmi2.X64.MultiplyNoFlags(left, right) : Math.BigMul(left, right, out _);
        return high ^ (left * right);
    }

    private static ulong Scramble(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
