using System.Buffers;
using Estream.Testing;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Codec;

/// <summary>A stream of messages and garbled bytes: the same messages are read wherever a pipe splits the stream.</summary>
public class FixFrameReaderTests
{
    private static readonly byte[] s_first = Frames.Message("35=0|34=2|49=A|56=B|");
    private static readonly byte[] s_second = Frames.Message("35=D|34=3|49=A|56=B|11=7|58=FIX 8=FI|");

    private static readonly byte[] s_stream =
    [
        .. s_first,
        .. Frames.Bytes("8=FIX.4.4|9=52|35=0|34=2|4garbled9=TW|56=ISLD|10=0|"),
        .. s_second,
        .. Frames.Bytes("35=0|8=FIX.4.4|9=29|34=2|49=TW|56=ISLD|10=121|"),
        .. Frames.Bytes("8=FIX.4.4|9=5|35=0|10=256|"),
        .. s_first,
        .. "8=FIX8=FIX8="u8,
        .. s_second,
    ];

    [Fact]
    public void Messages_do_not_depend_on_segment_boundaries()
    {
        string expected = Describe(new ReadOnlySequence<byte>(s_stream));
        Assert.Equal(4, MessagesIn(expected).Length);
        for (int first = 0; first <= s_stream.Length; first++)
        {
            for (int second = first; second <= s_stream.Length; second += 5)
            {
                Assert.Equal(expected, Describe(Segments.Cut(s_stream, first, second)));
            }
        }
    }

    [Fact]
    public void Messages_are_read_when_bytes_arrive_one_by_one()
    {
        string expected = Describe(new ReadOnlySequence<byte>(s_stream));
        using FrameScratch scratch = new();
        List<string> found = [];
        int start = 0;
        for (int end = 1; end <= s_stream.Length; end++)
        {
            ReadOnlySequence<byte> buffer = new(s_stream, start, end - start);
            FixFrameReader reader = new(buffer, scratch, Frames.MaxMessageBytes);
            FixFrameStatus status;
            while ((status = reader.TryNext(out ReadOnlySpan<byte> message, out FixGarbled why)) != FixFrameStatus.Incomplete)
            {
                found.Add(status == FixFrameStatus.Complete ? Frames.Text(message) : why.ToString());
            }

            start += (int)buffer.Slice(buffer.Start, reader.Consumed).Length;
        }

        // Garbled bytes that arrive in more parts may be reported in more parts; messages must not differ.
        Assert.Equal(MessagesIn(expected), MessagesIn(string.Join('\n', found)));
        Assert.Equal(s_stream.Length, start);
    }

    [Fact]
    public void Incomplete_message_is_not_consumed()
    {
        for (int length = 0; length < s_first.Length; length++)
        {
            using FrameScratch scratch = new();
            ReadOnlySequence<byte> buffer = new(s_first, 0, length);
            FixFrameReader reader = new(buffer, scratch, Frames.MaxMessageBytes);

            Assert.Equal(FixFrameStatus.Incomplete, reader.TryNext(out _, out _));
            Assert.Equal(length, buffer.Slice(reader.Consumed).Length);
            Assert.Equal(0, reader.GarbledBytes);
        }
    }

    [Fact]
    public void Garbled_bytes_are_skipped_and_counted()
    {
        using FrameScratch scratch = new();
        byte[] garbage = Frames.Bytes(new string('x', 10_000) + "8=FI");
        FixFrameReader reader = new(Segments.Cut(garbage, 4_000, 8_000), scratch, Frames.MaxMessageBytes);

        Assert.Equal(FixFrameStatus.Garbled, reader.TryNext(out _, out FixGarbled why));
        Assert.Equal(FixGarbled.BeginString, why);
        Assert.Equal(10_000, reader.GarbledBytes);
        Assert.Equal(FixFrameStatus.Incomplete, reader.TryNext(out _, out _));
        Assert.Equal(0, scratch.Capacity);
    }

    [Fact]
    public void Wrong_BodyLength_does_not_copy_the_message()
    {
        // BodyLength is 60,000 and these bytes are present, but no trailer follows them.
        byte[] bytes = Frames.Bytes("8=FIX.4.4|9=60000|35=0|" + new string('x', 61_000));
        using FrameScratch scratch = new();
        FixFrameReader reader = new(Segments.Cut(bytes, 30, 20_000), scratch, Frames.MaxMessageBytes);

        Assert.Equal(FixFrameStatus.Garbled, reader.TryNext(out _, out FixGarbled why));
        Assert.Equal(FixGarbled.Trailer, why);
        Assert.Equal(0, scratch.Capacity);
    }

    [Fact]
    public void Reading_and_parsing_messages_does_not_allocate()
    {
        ReadOnlySequence<byte> buffer = new([.. Enumerable.Repeat(s_second, 100).SelectMany(bytes => bytes)]);
        FixFieldIndex index = Frames.Index(s_second);
        using FrameScratch scratch = new();

        long bytes = AllocationMeter.OnThisThread(1_000, () =>
        {
            FixFrameReader reader = new(buffer, scratch, Frames.MaxMessageBytes);
            while (reader.TryNext(out ReadOnlySpan<byte> message, out _) == FixFrameStatus.Complete)
            {
                index.Parse(message);
            }
        });

        Assert.Equal(0, bytes);
    }

    private static string Describe(ReadOnlySequence<byte> buffer)
    {
        using FrameScratch scratch = new();
        FixFrameReader reader = new(buffer, scratch, Frames.MaxMessageBytes);
        List<string> found = [];
        FixFrameStatus status;
        while ((status = reader.TryNext(out ReadOnlySpan<byte> message, out FixGarbled why)) != FixFrameStatus.Incomplete)
        {
            found.Add(status == FixFrameStatus.Complete ? Frames.Text(message) : why.ToString());
        }

        Assert.Equal(0, buffer.Slice(reader.Consumed).Length);
        return string.Join('\n', found);
    }

    private static string[] MessagesIn(string described)
    {
        return [.. described.Split('\n').Where(line => line.StartsWith("8=", StringComparison.Ordinal))];
    }
}
