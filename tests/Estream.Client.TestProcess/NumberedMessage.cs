using System.Buffers.Binary;

namespace Estream.Client.TestProcess;

/// <summary>A message that says who appended it, and its number.</summary>
public static class NumberedMessage
{
    /// <summary>The length of a message in bytes.</summary>
    public const int Bytes = 100;

    private const int WriterAt = sizeof(long);

    /// <summary>Writes a message.</summary>
    public static void Write(Span<byte> message, byte writer, long number)
    {
        BinaryPrimitives.WriteInt64LittleEndian(message, number);
        message[WriterAt] = writer;
    }

    /// <summary>Reads a message.</summary>
    public static (byte Writer, long Number) Read(ReadOnlySpan<byte> message) =>
        message.Length == Bytes
            ? (message[WriterAt], BinaryPrimitives.ReadInt64LittleEndian(message))
            : throw new InvalidDataException($"A message has {message.Length} bytes instead of {Bytes}.");
}
