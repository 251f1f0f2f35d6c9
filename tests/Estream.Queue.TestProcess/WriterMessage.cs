using System.Buffers.Binary;

namespace Estream.Queue.TestProcess;

/// <summary>A message that says which writer wrote it as its how-manieth, and whose every other byte follows from that.</summary>
public static class WriterMessage
{
    /// <summary>The longest of them.</summary>
    public const int MaxBytes = HeaderBytes + SeededMessage.MaxBytes;

    /// <summary>Who writes one message, behind which nothing comes.</summary>
    public const int LastWriter = 1_000_000;

    private const int HeaderBytes = 16;

    /// <summary>Writes a message and returns its length.</summary>
    public static int Write(int writer, long number, Span<byte> destination)
    {
        BinaryPrimitives.WriteInt64LittleEndian(destination, writer);
        BinaryPrimitives.WriteInt64LittleEndian(destination[8..], number);
        return HeaderBytes + SeededMessage.Write(Seed(writer, number), destination[HeaderBytes..]);
    }

    /// <summary>Reads whose message it is.</summary>
    /// <returns>Whether the payload is such a message, whole.</returns>
    public static bool TryRead(ReadOnlySpan<byte> payload, out int writer, out long number)
    {
        (writer, number) = (0, 0);
        if (payload.Length < HeaderBytes)
        {
            return false;
        }

        writer = (int)BinaryPrimitives.ReadInt64LittleEndian(payload);
        number = BinaryPrimitives.ReadInt64LittleEndian(payload[8..]);
        return SeededMessage.Is(payload[HeaderBytes..], Seed(writer, number));
    }

    private static long Seed(int writer, long number) => ((long)writer << 40) + number;
}
