using System.Buffers;

namespace Estream.Wire.Fix.Tests.Rig;

/// <summary>Bytes in several segments, as a pipe delivers them.</summary>
internal sealed class Segments : ReadOnlySequenceSegment<byte>
{
    private Segments(ReadOnlyMemory<byte> memory, long runningIndex)
    {
        Memory = memory;
        RunningIndex = runningIndex;
    }

    /// <summary>Three segments, split at two offsets; any segment may be empty.</summary>
    public static ReadOnlySequence<byte> Cut(byte[] bytes, int first, int second)
    {
        Segments start = new(bytes.AsMemory(0, first), 0);
        Segments middle = new(bytes.AsMemory(first, second - first), first);
        Segments end = new(bytes.AsMemory(second), second);
        start.Next = middle;
        middle.Next = end;
        return new ReadOnlySequence<byte>(start, 0, end, end.Memory.Length);
    }
}
