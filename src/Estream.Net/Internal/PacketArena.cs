using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Net.Internal;

/// <summary>
/// The memory of all packets of one transport: frames of one size for sending, and space for receiving. Registered with the kernel once, or
/// named by its message headers once. Not thread-safe.
/// </summary>
internal sealed class PacketArena : IDisposable
{
    private readonly NativeRegion _region;
    private readonly int[] _free;
    private readonly int _frameBytes;
    private readonly long _firstSendFrame;
    private RegionSpan _all;
    private int _freeCount;

    /// <param name="receiveBytes">The space at the start, for received packets.</param>
    /// <param name="sendFrames">The number of frames for sending, after that space.</param>
    /// <param name="frameBytes">The size of a frame.</param>
    /// <param name="extraBytes">Space after the frames.</param>
    public PacketArena(long receiveBytes, int sendFrames, int frameBytes, long extraBytes = 0)
    {
        _frameBytes = frameBytes;
        _firstSendFrame = receiveBytes;
        FrameRegionBytes = receiveBytes + ((long)sendFrames * frameBytes);
        _region = NativeRegion.Allocate(FrameRegionBytes + extraBytes);
        _region.Prefault(0, FrameRegionBytes);
        _all = _region.All;
        _free = new int[sendFrames];

        // Popped from the end, so the lowest frames are used first and again: they stay in the cache.
        for (int frame = 0; frame < sendFrames; frame++)
        {
            _free[frame] = sendFrames - 1 - frame;
        }

        _freeCount = sendFrames;
    }

    /// <summary>The length of receive space and frames, without the extra space.</summary>
    public long FrameRegionBytes { get; }

    public RegionSpan All => _all;

    public int FreeSendFrames => _freeCount;

    /// <summary>Returns the offset of the first byte of a send frame.</summary>
    public long OffsetOf(int frame) => _firstSendFrame + ((long)frame * _frameBytes);

    /// <summary>Returns the send frame that contains an offset.</summary>
    public int FrameAt(long offset) => (int)((offset - _firstSendFrame) / _frameBytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Take() => _free[--_freeCount];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Return(int frame) => _free[_freeCount++] = frame;

    public void Dispose()
    {
        _all = default;
        _region.Dispose();
    }
}
