using System.Buffers;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Codec;

public class FixMessageSplitterTests
{
    private static readonly byte[] s_message = Frames.Message("35=B|34=2|95=3|96=a|b|58=x|");

    [Fact]
    public void Split_needs_more_data_until_the_message_is_complete()
    {
        FixMessageSplitter splitter = new(FixProtocol.Fix44);
        for (int count = 0; count < s_message.Length; count++)
        {
            Assert.Equal(OperationStatus.NeedMoreData, splitter.Split(s_message.AsSpan(0, count), out FixMessage message, out int length));
            Assert.Equal(0, length);
            Assert.Equal(0, message.Fields.Count);
        }
    }

    [Fact]
    public void Split_refuses_a_wrong_checksum_and_skips_the_message()
    {
        byte[] message = [.. s_message];
        message[^9] ^= 1;

        Assert.Equal(OperationStatus.InvalidData, new FixMessageSplitter(FixProtocol.Fix44).Split(message, out _, out int length));
        Assert.Equal(message.Length, length);
    }

    [Fact]
    public void Split_refuses_a_field_without_a_tag_and_skips_the_message()
    {
        byte[] message = Frames.Message("35=B|x=1|");

        OperationStatus status = new FixMessageSplitter(FixProtocol.Fix44).Split(message, out FixMessage split, out int length);

        Assert.Equal(OperationStatus.InvalidData, status);
        Assert.Equal(message.Length, length);
        Assert.True(split.Bytes.IsEmpty);
    }

    [Fact]
    public void Split_refuses_a_message_above_the_limit()
    {
        Assert.Equal(OperationStatus.Done,
            new FixMessageSplitter(FixProtocol.Fix44, s_message.Length).Split(s_message, out _, out _));
        Assert.Equal(OperationStatus.InvalidData,
            new FixMessageSplitter(FixProtocol.Fix44, s_message.Length - 1).Split(s_message, out _, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FixMessageSplitter(FixProtocol.Fix44, 0));
    }

    [Fact]
    public void Split_returns_the_messages_one_after_the_other_with_their_fields()
    {
        FixMessageSplitter splitter = new(FixProtocol.Fix44);
        byte[] second = Frames.Message("35=0|34=3|");
        byte[] both = [.. s_message, .. second];

        Assert.Equal(OperationStatus.Done, splitter.Split(both, out FixMessage message, out int length));
        Assert.Equal(s_message.Length, length);
        Assert.Equal("B", Frames.Text(message.MsgType));
        Assert.True(message.Fields.TryGet(96, out ReadOnlySpan<byte> raw));
        Assert.Equal("a|b", Frames.Text(raw));

        Assert.Equal(OperationStatus.Done, splitter.Split(both.AsSpan(length), out message, out length));
        Assert.Equal(second.Length, length);
        Assert.True(message.Fields.TryGetNumber(Tag.MsgSeqNum, out long number));
        Assert.Equal(3, number);
    }
}
