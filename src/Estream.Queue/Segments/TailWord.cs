using System.Runtime.CompilerServices;

namespace Estream.Queue.Internal;

/// <summary>
/// A claim position in a shared segment as one word, so that one addition claims number and space. The high half has the message number,
/// the low half the offset in units of eight bytes. Claims beyond the end of a segment stay far below 2^32 units; see <see
/// cref="SharedAppender"/>.
/// </summary>
internal static class TailWord
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Pack(uint number, long offset) => (long)(((ulong)number << 32) | ((ulong)offset / FrameLayout.Alignment));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Offset(long word) => (long)(uint)word * FrameLayout.Alignment;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Number(long word) => (uint)(word >>> 32);
}
