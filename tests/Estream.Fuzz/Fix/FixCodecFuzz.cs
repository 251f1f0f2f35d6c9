using System.Buffers;
using Estream.Testing;
using Estream.Wire;
using Estream.Wire.Fix;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Dictionary;

namespace Estream.Fuzz.Fix;

/// <summary>
/// Passes damaged messages to FixFrameReader, FixFieldIndex and FixValidator. They must never throw, never return what their rules forbid,
/// and give the same result for the same bytes regardless of how a pipe splits them. A failure names the seed that repeats it.
/// </summary>
public class FixCodecFuzz
{
    private const int MaxMessageBytes = 4_096;
    private const int MaxFields = 64;

    private static readonly FixProtocol s_protocol = FixProtocol.Fix44;

    [Theory]
    [InlineData(1)]
    [InlineData(20260707)]
    public void Damaged_FIX_messages_are_skipped_or_rejected_only(int seed)
    {
        FixMutator mutator = new(seed);
        FixValidator validator = new(s_protocol);
        int count = LongRun.Count(50_000, 5_000_000);
        for (int number = 0; number < count; number++)
        {
            byte[] bytes = mutator.Stream();
            int cut = mutator.Next(bytes.Length + 1);
            try
            {
                Trace whole = Run(new ReadOnlySequence<byte>(bytes), validator);
                Trace parts = Run(Cut(bytes, cut), validator);
                Assert.Equal(whole, parts);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}, number {number}, cut {cut}: {Convert.ToHexString(bytes)}", failure);
            }
        }
    }

    [Fact]
    public void FIX_seeds_are_valid()
    {
        FixValidator validator = new(s_protocol);
        foreach (byte[] message in FixSeeds.All)
        {
            Trace trace = Run(new ReadOnlySequence<byte>(message), validator);

            Assert.True(trace is { Messages: 1, Garbled: 0, Faults: 0 }, $"{trace}: {System.Text.Encoding.UTF8.GetString(message)}");
        }
    }

    private static Trace Run(ReadOnlySequence<byte> buffer, FixValidator validator)
    {
        using FrameScratch scratch = new();
        FixFieldIndex index = new(s_protocol.DataTags, MaxFields);
        FixFrameReader reader = new(buffer, scratch, MaxMessageBytes);
        Trace trace = default;
        FixFrameStatus status;
        while ((status = reader.TryNext(out ReadOnlySpan<byte> bytes, out FixGarbled why)) != FixFrameStatus.Incomplete)
        {
            Assert.Equal(status == FixFrameStatus.Garbled, why != FixGarbled.None);
            trace = status == FixFrameStatus.Garbled
                ? trace with { Garbled = trace.Garbled + 1 }
                : Handle(bytes, index, validator, trace);
        }

        return trace with { Consumed = buffer.Slice(buffer.Start, reader.Consumed).Length, Passed = reader.GarbledBytes };
    }

    private static Trace Handle(ReadOnlySpan<byte> bytes, FixFieldIndex index, FixValidator validator, Trace trace)
    {
        Assert.True(bytes.StartsWith(FixFrame.Start) && bytes.Length <= MaxMessageBytes);
        index.Parse(bytes);
        FixMessage message = new(bytes, index);
        int hash = trace.Hash;
        for (int place = 0; place < message.Fields.Count; place++)
        {
            hash = HashCode.Combine(hash, message.Fields[place].Tag, message.Fields[place].Value.Length);
        }

        FixFault fault = validator.Validate(message);
        Assert.NotEmpty(fault.ToString());
        if (!fault.IsFault)
        {
            // A valid message can be split into fields and copied.
            Assert.False(message.MsgType.IsEmpty);
            Assert.True(new FixMessageBuilder("D").CopyBody(message).BodyLength < bytes.Length);
        }

        return trace with
        {
            Messages = trace.Messages + 1,
            Faults = trace.Faults + (fault.IsFault ? 1 : 0),
            Hash = HashCode.Combine(hash, (int)fault.Reason),
        };
    }

    private static ReadOnlySequence<byte> Cut(byte[] bytes, int place)
    {
        Segment start = new(bytes.AsMemory(0, place), 0);
        Segment end = start.Append(bytes.AsMemory(place));
        return new ReadOnlySequence<byte>(start, 0, end, end.Memory.Length);
    }

    private readonly record struct Trace(int Messages, int Garbled, int Faults, int Hash, long Consumed, long Passed);

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long runningIndex)
        {
            Memory = memory;
            RunningIndex = runningIndex;
        }

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            Segment next = new(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
