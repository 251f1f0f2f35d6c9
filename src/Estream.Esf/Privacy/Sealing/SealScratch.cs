using System.Numerics;

namespace Estream.Esf.Internal;

/// <summary>
/// Buffers for building private values that contain private values, before they are sealed. There is one buffer per depth, because an inner
/// value is built while the outer one is incomplete. The caller must overwrite a buffer after use.
/// </summary>
internal sealed class SealScratch
{
    private const int LeastBytes = 256;

    private readonly List<byte[]> _buffers = [];

    /// <summary>Returns a buffer.</summary>
    /// <param name="depth">The number of enclosing private values; at most one more than the highest depth used so far.</param>
    /// <param name="length">The length of the buffer.</param>
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
