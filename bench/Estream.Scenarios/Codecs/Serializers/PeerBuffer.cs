using System.Buffers;

namespace Estream.Scenarios.Codecs.Serializers;

/// <summary>
/// Arrays that are reused for every message, for libraries that write to an <see cref="IBufferWriter{T}"/> or read only from memory of the
/// managed heap. The slots of the scenarios are mapped memory, so each message is copied once; the copy is part of the row.
/// </summary>
internal static class PeerBuffer
{
    private static readonly byte[] s_message = new byte[8192];

    /// <summary>The writer of every encoded message.</summary>
    public static ArrayBufferWriter<byte> Writer { get; } = new(8192);

    /// <summary>Returns the writer without its last message.</summary>
    public static ArrayBufferWriter<byte> Start()
    {
        Writer.ResetWrittenCount();
        return Writer;
    }

    /// <summary>Copies the written message to its slot. Returns its length in bytes.</summary>
    public static int CopyTo(Span<byte> destination)
    {
        Writer.WrittenSpan.CopyTo(destination);
        return Writer.WrittenCount;
    }

    /// <summary>Returns a copy of the message on the managed heap.</summary>
    public static ReadOnlyMemory<byte> OnHeap(ReadOnlySpan<byte> message)
    {
        message.CopyTo(s_message);
        return s_message.AsMemory(0, message.Length);
    }
}
