using System.Buffers;
using System.Buffers.Binary;
using Estream.Client.Protocol;
using Estream.Testing;

namespace Estream.Fuzz.Client;

/// <summary>The frames of remote clients on arbitrary bytes: no exception, no read outside of the bytes, and results within the
/// limits.</summary>
public sealed class ClientFrameFuzz
{
    private const int MaxFrameBytes = 1024;

    [Property(5_000, 5_000_000)]
    public void Frames_never_throw_and_consume_what_they_return(byte op, ushort length, int place, byte value, byte[] noise)
    {
        byte[] bytes = Damage(op, length, place, value, noise ?? []);
        ReadOnlySequence<byte> buffer = new(bytes);
        long before = buffer.Length;
        while (FrameParser.TryRead(ref buffer, MaxFrameBytes, out FrameHeader header, out ReadOnlySequence<byte> payload)
            == FrameResult.Complete)
        {
            Assert.True(Enum.IsDefined(header.Op));
            Assert.InRange(payload.Length, 0, MaxFrameBytes - FrameParser.HeaderBytes);
            Assert.Equal(before - FrameParser.HeaderBytes - payload.Length, buffer.Length);
            before = buffer.Length;
        }
    }

    [Property(5_000, 5_000_000)]
    public void Fields_never_throw_and_stay_within_the_payload(byte[] noise, byte[] order)
    {
        byte[] bytes = noise ?? [];
        PayloadReader reader = new(bytes);
        long read = 0;
        foreach (byte field in order ?? [])
        {
            read += Read(ref reader, field);
        }

        Assert.InRange(read, 0, bytes.Length);
        Assert.Equal(reader.IsValid, reader.IsValid && read <= bytes.Length);
    }

    private static int Read(ref PayloadReader reader, byte field)
    {
        switch (field % 6)
        {
            case 0:
                _ = reader.Byte();
                return reader.IsValid ? 1 : 0;
            case 1:
                _ = reader.UInt16();
                return reader.IsValid ? 2 : 0;
            case 2:
                _ = reader.UInt32();
                return reader.IsValid ? 4 : 0;
            case 3:
                _ = reader.Int64();
                return reader.IsValid ? 8 : 0;
            case 4:
                return reader.ShortBytes().Length;
            default:
                return reader.LongBytes().Length;
        }
    }

    private static byte[] Damage(byte op, ushort length, int place, byte value, byte[] noise)
    {
        byte[] bytes = new byte[FrameParser.HeaderBytes + (length % 64) + noise.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, FrameParser.CountedBytes + (length % 64));
        bytes[4] = op;
        noise.CopyTo(bytes, bytes.Length - noise.Length);
        bytes[(place & int.MaxValue) % bytes.Length] ^= value;
        return bytes;
    }
}
