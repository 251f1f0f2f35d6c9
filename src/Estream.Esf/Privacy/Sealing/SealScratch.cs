using System.Numerics;

namespace Estream.Esf.Internal;

/// <summary>
/// Where private values that hold private values themselves are put together before they are sealed: one buffer for each depth, because the
/// inner is under way while the outer is. Who takes one overwrites what was written into it.
/// </summary>
internal sealed class SealScratch
{
    private const int LeastBytes = 256;

    private readonly List<byte[]> _buffers = [];

    /// <summary>A buffer of some length.</summary>
    /// <param name="depth">How many private values are around it: at most one more than were taken before.</param>
    /// <param name="length">Its length.</param>
    public Span<byte> Take(int depth, int length)
    {
        if (depth == _buffers.Count)
        {
            _buffers.Add([]);
        }

        if (_buffers[depth].Length < length)
        {
            _buffers[depth] =
                GC.AllocateArray<byte>((int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, LeastBytes)), pinned: true);
        }

        return _buffers[depth].AsSpan(0, length);
    }
}
