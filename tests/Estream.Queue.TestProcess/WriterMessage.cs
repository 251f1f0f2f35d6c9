using System.Buffers.Binary;

namespace Estream.Queue.TestProcess;

/// <summary>A message that contains its writer, its number for that writer and its place in a batch. All other bytes follow from the writer
/// and the number.</summary>
public static class WriterMessage
{
    /// <summary>The length of the longest message.</summary>
    public const int MaxBytes = HeaderBytes + SeededMessage.MaxBytes;

    /// <summary>The number of the writer that appends the last message of a test.</summary>
    public const int LastWriter = 1_000_000;

    private const int HeaderBytes = 16;
    private const int BeforeOffset = 4;
    private const int BehindOffset = 6;
    private const int NumberOffset = 8;

    /// <summary>Writes a message that is appended alone and returns its length.</summary>
    public static int Write(int writer, long number, Span<byte> destination) => Write(new WriterMark(writer, number, 0, 0), destination);

    /// <summary>Writes a message and returns its length.</summary>
    public static int Write(WriterMark mark, Span<byte> destination)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, mark.Writer);
        BinaryPrimitives.WriteInt16LittleEndian(destination[BeforeOffset..], (short)mark.Before);
        BinaryPrimitives.WriteInt16LittleEndian(destination[BehindOffset..], (short)mark.Behind);
        BinaryPrimitives.WriteInt64LittleEndian(destination[NumberOffset..], mark.Number);
        return HeaderBytes + SeededMessage.Write(Seed(mark.Writer, mark.Number), destination[HeaderBytes..]);
    }

    /// <summary>Reads the header of a message.</summary>
    /// <returns>True if the payload is a whole message of this kind.</returns>
    public static bool TryRead(ReadOnlySpan<byte> payload, out WriterMark mark)
    {
        mark = default;
        if (payload.Length < HeaderBytes)
        {
            return false;
        }

        mark = new WriterMark(
            BinaryPrimitives.ReadInt32LittleEndian(payload),
            BinaryPrimitives.ReadInt64LittleEndian(payload[NumberOffset..]),
            BinaryPrimitives.ReadInt16LittleEndian(payload[BeforeOffset..]),
            BinaryPrimitives.ReadInt16LittleEndian(payload[BehindOffset..]));
        return SeededMessage.Is(payload[HeaderBytes..], Seed(mark.Writer, mark.Number));
    }

    private static long Seed(int writer, long number) => ((long)writer << 40) + number;
}

/// <summary>The header of a message.</summary>
/// <param name="Writer">The writer.</param>
/// <param name="Number">The number of the message for this writer, from 0.</param>
/// <param name="Before">How many messages of its batch precede it.</param>
/// <param name="Behind">How many messages of its batch follow it. Both are 0 for a message that was appended alone.</param>
public readonly record struct WriterMark(int Writer, long Number, int Before, int Behind);
