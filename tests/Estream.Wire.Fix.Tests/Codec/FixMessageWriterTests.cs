using Estream.Testing;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Codec;

public class FixMessageWriterTests
{
    [Fact]
    public void BodyLength_and_CheckSum_are_correct_for_every_body_length()
    {
        for (int length = 1; length <= 1_200; length++)
        {
            string value = new('x', length);
            byte[] buffer = new byte[FixMessageWriter.Overhead + 5 + length + FixMessageWriter.FieldOverhead];
            FixMessageWriter writer = new(buffer);
            writer.Write(Tag.MsgType, "0"u8);
            writer.Write(Tag.Text, Frames.Bytes(value));

            int bytes = writer.Finish("FIX.4.4"u8, out int start);

            Assert.Equal(Frames.Message($"35=0|58={value}|"), buffer.AsSpan(start, bytes).ToArray());
        }
    }

    [Fact]
    public void Writer_writes_every_kind_of_field()
    {
        byte[] buffer = new byte[256];
        FixMessageWriter writer = new(buffer);
        writer.Write(Tag.MsgType, "A"u8);
        writer.Write(Tag.MsgSeqNum, 1_234_567_890_123);
        writer.WriteTime(Tag.SendingTime, 1_783_427_400_000_999_999);
        writer.WriteRaw(Frames.Bytes("98=0|108=30|"));
        writer.Write(Tag.RefTagId, -1);

        int bytes = writer.Finish("FIXT.1.1"u8, out int start);

        string message = Frames.Text(buffer.AsSpan(start, bytes));
        Assert.Contains("|34=1234567890123|52=20260707-12:30:00.000|98=0|108=30|371=-1|", message, StringComparison.Ordinal);
        Assert.StartsWith("8=FIXT.1.1|9=", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Span_that_is_too_short_is_refused()
    {
        byte[] buffer = new byte[FixMessageWriter.Overhead + 14];
        for (int room = 0; room < buffer.Length; room++)
        {
            Assert.ThrowsAny<ArgumentException>(() => WriteInto(buffer.AsSpan(0, room)));
        }

        Assert.True(WriteInto(buffer) > 0);
    }

    [Fact]
    public void Writing_a_message_does_not_allocate()
    {
        byte[] buffer = new byte[256];

        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () => WriteInto(buffer)));
    }

    private static int WriteInto(Span<byte> destination)
    {
        try
        {
            FixMessageWriter writer = new(destination);
            writer.Write(Tag.MsgType, "0"u8);
            writer.Write(Tag.TestReqId, "TEST"u8);
            return writer.Finish("FIX.4.4"u8, out _);
        }
        catch (IndexOutOfRangeException failure)
        {
            throw new ArgumentException("too short", nameof(destination), failure);
        }
    }
}
