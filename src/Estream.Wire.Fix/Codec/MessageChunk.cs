using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Estream.Core;

namespace Estream.Wire.Fix.Codec;

/// <summary>One chunk of <see cref="SohPlaces"/> in four vector registers. Reads four bytes at each of sixteen offsets at once, with
/// AVX-512 VBMI.</summary>
internal readonly struct MessageChunk
{
    private static readonly Vector128<byte> s_firstBytes = Vector128.Create((byte)0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12);
    private static readonly Vector512<byte> s_spread = Vector512.Create(Vector256.Create(s_firstBytes, s_firstBytes));
    private static readonly Vector512<byte> s_steps = Vector512.Create(0x0302_0100U).AsByte();

    private readonly Vector512<byte> _first;
    private readonly Vector512<byte> _second;
    private readonly Vector512<byte> _third;
    private readonly Vector512<byte> _fourth;
    private readonly int _length;

    /// <param name="message">The message, at least as long as one vector.</param>
    /// <param name="chunk">The offset of the chunk.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public MessageChunk(ReadOnlySpan<byte> message, int chunk)
    {
        _length = message.Length - chunk;
        _first = Block(message, chunk);
        _second = Block(message, chunk + Vector512<byte>.Count);
        _third = Block(message, chunk + (2 * Vector512<byte>.Count));
        _fourth = Block(message, chunk + (3 * Vector512<byte>.Count));
    }

    /// <summary>Whether the processor has AVX-512 VBMI and VBMI2.</summary>
    public static bool IsSupported => Avx512Vbmi.IsSupported && Avx512Vbmi2.IsSupported;

    /// <summary>Finds the SOH bytes of the chunk, as <see cref="SohPlaces.Find"/> does.</summary>
    /// <param name="places">Receives all offsets.</param>
    /// <param name="first">Receives all offsets if there are at most 64; otherwise undefined. These offsets stay in a register, because a
    /// vector load from <paramref name="places"/> right after several partial stores would wait for the stores to complete.</param>
    /// <returns>The number of offsets.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FindEnds(Span<byte> places, out Vector512<byte> first)
    {
        first = Vector512<byte>.Zero;
        int count = FindEnds(_first, 0, places, 0, ref first);
        count = FindEnds(_second, 1, places, count, ref first);
        count = FindEnds(_third, 2, places, count, ref first);
        return _length > 3 * Vector512<byte>.Count ? FindEnds(_fourth, 3, places, count, ref first) : count;
    }

    /// <summary>The four bytes at each offset, first byte lowest.</summary>
    /// <param name="offsets">The offsets in the chunk. The result is undefined where fewer than four bytes follow in the chunk and the
    /// message.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<uint> WordsAt(Vector512<uint> offsets)
    {
        Vector512<byte> each = Avx512BW.Shuffle(offsets.AsByte(), s_spread) + s_steps;
        Vector512<byte> low = Avx512Vbmi.PermuteVar64x8x2(_first, each, _second);
        Vector512<byte> high = Avx512Vbmi.PermuteVar64x8x2(_third, each, _fourth);
        return Vector512.ConditionalSelect(Vector512.LessThan(each.AsSByte(), Vector512<sbyte>.Zero).AsByte(), high, low).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int FindEnds(Vector512<byte> block, int number, Span<byte> places, int count, ref Vector512<byte> first)
    {
        Vector512<byte> matches = Vector512.Equals(block, Vector512.Create(FixText.Soh));
        Vector512<byte> offsets = Vector512<byte>.Indices + Vector512.Create((byte)(number * Vector512<byte>.Count));
        Vector512<byte> found = Avx512Vbmi2.Compress(Vector512<byte>.Zero, matches, offsets);
        SpanValue.Write(places, count, found);
        first |= Avx512Vbmi.PermuteVar64x8(found, Vector512<byte>.Indices - Vector512.Create((byte)count));
        return count + BitOperations.PopCount(matches.ExtractMostSignificantBits());
    }

    // The last block is loaded together with bytes before it, to stay inside the message, and then moved down. Bytes after the message
    // are zero.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Block(ReadOnlySpan<byte> message, int start)
    {
        int last = message.Length - Vector512<byte>.Count;
        if (start <= last)
        {
            return SpanValue.Read<Vector512<byte>>(message, start);
        }

        return start >= message.Length
            ? Vector512<byte>.Zero
            : Avx512Vbmi.PermuteVar64x8(
                SpanValue.Read<Vector512<byte>>(message, last), Vector512<byte>.Indices + Vector512.Create((byte)(start - last)))
                & Vector512.LessThan(Vector512<byte>.Indices, Vector512.Create((byte)(message.Length - start)));
    }
}
