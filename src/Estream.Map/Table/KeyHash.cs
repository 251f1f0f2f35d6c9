using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// Hash kind 1: folds keys of more than eight bytes into one word, then applies two multiplications with a shift between them. Each map has
/// a random seed, from which the multipliers are derived. An attacker who chooses the keys (such as a device on the network) therefore
/// cannot choose collisions.
/// </summary>
/// <remarks>
/// A single multiplication, even a 128-bit one whose halves are folded, is a nanosecond faster but preserves arithmetic progressions:
/// with some seeds it left 70 % of the buckets empty for keys that count in steps.
/// </remarks>
internal readonly struct KeyHash
{
    private readonly ulong _whiten;
    private readonly ulong _first;
    private readonly ulong _second;

    public KeyHash(ulong seed)
    {
        _whiten = Scramble(seed + 0x9E3779B97F4A7C15);
        _first = Scramble(seed + 0x3C6EF372FE94F82A) | 1;
        _second = Scramble(seed + 0xDAA66D2C7DDF743F) | 1;
    }

    /// <summary>Returns the hash of a key. Its high bits, which the table uses, depend on all bits of the key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Of<TKey>(ref readonly TKey key)
        where TKey : unmanaged
    {
        ulong state = RawValue.SizeOf<TKey>() <= sizeof(ulong) ? RawValue.WordAt(in key, 0) : Gather(in key);
        state = (state ^ _whiten) * _first;
        return (state ^ (state >> 32)) * _second;
    }

    private ulong Gather<TKey>(ref readonly TKey key)
        where TKey : unmanaged
    {
        ulong state = _whiten ^ (ulong)RawValue.SizeOf<TKey>();
        int offset = 0;
        for (; offset + sizeof(ulong) < RawValue.SizeOf<TKey>(); offset += 2 * sizeof(ulong))
        {
            state = Fold(RawValue.WordAt(in key, offset) ^ _first, RawValue.WordAt(in key, offset + sizeof(ulong)) ^ state);
        }

        if (offset < RawValue.SizeOf<TKey>())
        {
            state = Fold(RawValue.WordAt(in key, offset) ^ _first, state);
        }

        return state;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong left, ulong right)
    {
        // A separate multiplication computes the low half, because the compiler passes the low half of a combined result through memory.
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
