using System.Buffers.Binary;
using System.Numerics;

namespace Estream.Queue.Internal;

/// <summary>XXH64 with seed 0 (github.com/Cyan4973/xxHash, doc/xxhash_spec.md): maps keys to partitions. Part of the format: never
/// changes.</summary>
internal static class KeyHash
{
    private const ulong Prime1 = 0x9E3779B185EBCA87;
    private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;
    private const ulong Prime3 = 0x165667B19E3779F9;
    private const ulong Prime4 = 0x85EBCA77C2B2AE63;
    private const ulong Prime5 = 0x27D4EB2F165667C5;
    private const int StripeBytes = 32;

    public static ulong Compute(ReadOnlySpan<byte> key)
    {
        ulong length = (ulong)key.Length;
        ulong hash = Prime5;
        if (key.Length >= StripeBytes)
        {
            (ulong a, ulong b, ulong c, ulong d) = (unchecked(Prime1 + Prime2), Prime2, 0, unchecked(0 - Prime1));
            for (; key.Length >= StripeBytes; key = key[StripeBytes..])
            {
                a = Round(a, BinaryPrimitives.ReadUInt64LittleEndian(key));
                b = Round(b, BinaryPrimitives.ReadUInt64LittleEndian(key[8..]));
                c = Round(c, BinaryPrimitives.ReadUInt64LittleEndian(key[16..]));
                d = Round(d, BinaryPrimitives.ReadUInt64LittleEndian(key[24..]));
            }

            hash = BitOperations.RotateLeft(a, 1) + BitOperations.RotateLeft(b, 7) + BitOperations.RotateLeft(c, 12)
                + BitOperations.RotateLeft(d, 18);
            hash = Merge(Merge(Merge(Merge(hash, a), b), c), d);
        }

        return Finish(hash + length, key);
    }

    private static ulong Finish(ulong hash, ReadOnlySpan<byte> rest)
    {
        for (; rest.Length >= sizeof(ulong); rest = rest[sizeof(ulong)..])
        {
            hash ^= Round(0, BinaryPrimitives.ReadUInt64LittleEndian(rest));
            hash = (BitOperations.RotateLeft(hash, 27) * Prime1) + Prime4;
        }

        if (rest.Length >= sizeof(uint))
        {
            hash ^= BinaryPrimitives.ReadUInt32LittleEndian(rest) * Prime1;
            hash = (BitOperations.RotateLeft(hash, 23) * Prime2) + Prime3;
            rest = rest[sizeof(uint)..];
        }

        foreach (byte value in rest)
        {
            hash ^= value * Prime5;
            hash = BitOperations.RotateLeft(hash, 11) * Prime1;
        }

        hash = (hash ^ (hash >> 33)) * Prime2;
        hash = (hash ^ (hash >> 29)) * Prime3;
        return hash ^ (hash >> 32);
    }

    private static ulong Round(ulong accumulator, ulong lane) =>
        BitOperations.RotateLeft(accumulator + (lane * Prime2), 31) * Prime1;

    private static ulong Merge(ulong hash, ulong accumulator) => ((hash ^ Round(0, accumulator)) * Prime1) + Prime4;
}
