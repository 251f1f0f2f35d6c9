using System.Buffers;
using Estream.Testing;
using Estream.Wire.Fix;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Session;

namespace Estream.Fuzz.Fix;

/// <summary>
/// Sends damaged messages to a whole link: frames, session, application. It must never throw, everything it sends must be a message, and
/// a valid counterparty must be able to log on afterwards.
/// </summary>
public class FixLinkFuzz
{
    private const int MaxAnswerBytes = 1 << 20;

    [Theory]
    [InlineData(1)]
    [InlineData(20260707)]
    public void A_FIX_session_survives_any_bytes_of_a_counterparty(int seed)
    {
        FixMutator mutator = new(seed);
        int count = LongRun.Count(20_000, 2_000_000);
        for (int number = 0; number < count; number++)
        {
            byte[] bytes = mutator.Stream();
            bool isLoggedOn = mutator.Next(4) != 0;
            try
            {
                Run(bytes, isLoggedOn);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}, number {number}, logged on {isLoggedOn}: {Convert.ToHexString(bytes)}",
                    failure);
            }
        }
    }

    [Fact]
    public void FIX_session_seeds_are_answered()
    {
        Assert.True(Run(FixSeeds.Message("35=1|34=2|49=TW|52=20260707-12:30:00|56=ISLD|112=X|"), isLoggedOn: true) > 1);
    }

    /// <returns>The number of messages the session has sent.</returns>
    private static int Run(byte[] bytes, bool isLoggedOn)
    {
        using FixMemoryStore store = new(100);
        FixSessionOptions options = new()
        {
            Protocol = FixProtocol.Fix44,
            SenderCompId = "ISLD",
            TargetCompId = "TW",
            MaxPendingMessages = 8,
        };
        FixSession session = new(options, store, new Taker(), new ManualClock(FixSeeds.Time));
        FixSessionTable table = new([session]);
        int messages = 0;
        if (isLoggedOn)
        {
            byte[] logon = FixSeeds.Message("35=A|34=1|49=TW|52=20260707-12:30:00|56=ISLD|98=0|108=30|");
            messages += Hand(table, [.. logon, .. bytes]);
        }
        else
        {
            messages += Hand(table, bytes);
        }

        Assert.True(store.NextIncoming >= 1 && store.NextOutgoing >= 1);

        // The next connection works normally, whatever the previous one sent.
        long next = store.NextIncoming;
        byte[] again = FixSeeds.Message($"35=A|34={next}|49=TW|52=20260707-12:30:00|56=ISLD|98=0|108=30|");
        Assert.True(Hand(table, again) > 0, "A valid counterparty can no longer log on.");
        return messages;
    }

    private static int Hand(FixSessionTable table, byte[] bytes)
    {
        ArrayBufferWriter<byte> output = new();
        using FixLink link = new(table, output, new ManualClock(FixSeeds.Time));
        ReadOnlySequence<byte> buffer = new(bytes);
        SequencePosition consumed = link.Receive(buffer, out bool hasMore);
        for (int slices = 0; (hasMore || buffer.Slice(consumed).Length > 0) && slices < 100; slices++)
        {
            while (hasMore)
            {
                hasMore = link.Session!.ContinueResend();
            }

            buffer = buffer.Slice(consumed);
            consumed = link.Receive(buffer, out hasMore);
        }

        link.Tick();
        return CountMessages(output.WrittenSpan);
    }

    private static int CountMessages(ReadOnlySpan<byte> sent)
    {
        int messages = 0;
        while (!sent.IsEmpty)
        {
            Assert.Equal(FixFrameStatus.Complete, FixFrame.TryRead(sent, MaxAnswerBytes, out int length, out _));
            sent = sent[length..];
            messages++;
        }

        return messages;
    }

    /// <summary>Accepts every message and sends back those it can.</summary>
    private sealed class Taker : IFixApplication
    {
        public FixVerdict OnMessage(FixSession session, in FixMessage message)
        {
            session.Send(new FixMessageBuilder("D").CopyBody(message));
            return message.Fields.Count % 2 == 0 ? FixVerdict.Accepted : FixVerdict.Unsupported;
        }
    }
}
