using System.Buffers;
using System.Globalization;
using System.Text;
using Estream.Testing;
using Estream.Wire.Fix;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Session;

namespace Estream.Fuzz.Fix;

/// <summary>
/// Sends sequence numbers that repeat, arrive early or are missing, ends connections, and lets the time of day jump by a year. After every
/// step the application must have received each message that the session counts as received, once and in order. A failure names the seed
/// that repeats it.
/// </summary>
public class FixSequenceFuzz
{
    private const int Steps = 40;
    private const int MostDays = 400;

    [Theory]
    [InlineData(1)]
    [InlineData(20260707)]
    public void Each_FIX_message_is_delivered_once_and_in_order_for_any_sequence_numbers(int seed)
    {
        Random random = new(seed);
        int count = LongRun.Count(500, 50_000);
        long taken = 0;
        for (int number = 0; number < count; number++)
        {
            int own = random.Next();
            try
            {
                taken += Run(new Random(own));
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}, number {number}, its own seed {own}", failure);
            }
        }

        Assert.True(taken > 5L * count, $"only {taken} messages were delivered in {count} runs");
    }

    /// <returns>The number of messages the application has received.</returns>
    private static int Run(Random random)
    {
        using FixMemoryStore store = new(100);
        using Counterparty peer = new(store);
        peer.Connect();
        for (int step = 0; step < Steps; step++)
        {
            long next = store.NextIncoming;
            bool saysAgain = random.Next(2) == 0;
            switch (random.Next(10))
            {
                case 0:
                    peer.Clock.Now += TimeSpan.FromDays(random.Next(-MostDays, MostDays));
                    break;
                case 1:
                    peer.Send(random.NextInt64(1, next), saysAgain: false);
                    break;
                case 2:
                    peer.Send(random.NextInt64(1, next), saysAgain: true);
                    break;
                case 3 or 4:
                    peer.Send(next + 1 + random.Next(6), saysAgain);
                    break;
                case 5 when random.Next(4) == 0:
                    peer.Connect();
                    break;
                default:
                    peer.Send(next, saysAgain);
                    break;
            }

            peer.AssertEachOnce();
            if (!peer.IsUp)
            {
                peer.Connect();
                peer.AssertEachOnce();
            }
        }

        return peer.Taken;
    }

    /// <summary>The sender, and the session that receives. An order carries its MsgSeqNum as its id.</summary>
    private sealed class Counterparty : IFixApplication, IDisposable
    {
        private readonly FixMemoryStore _store;
        private readonly FixSession _session;
        private readonly FixSessionTable _table;
        private readonly HashSet<long> _logons = [];
        private readonly List<long> _taken = [];
        private FixLink? _link;

        public Counterparty(FixMemoryStore store)
        {
            _store = store;
            FixSessionOptions options = new()
            {
                Protocol = FixProtocol.Fix44,
                SenderCompId = "ISLD",
                TargetCompId = "TW",
                MaxPendingMessages = 4,
            };
            _session = new FixSession(options, store, this, Clock);
            _table = new FixSessionTable([_session]);
        }

        public ManualClock Clock { get; } = new(FixSeeds.Time);

        public int Taken => _taken.Count;

        public bool IsUp => _link is { Why: null } && _session.IsLoggedOn;

        public FixVerdict OnMessage(FixSession session, in FixMessage message)
        {
            Assert.True(message.Fields.TryGetNumber(11, out long name));
            _taken.Add(name);
            return FixVerdict.Accepted;
        }

        /// <summary>Logs on over a new connection, with the expected sequence number.</summary>
        public void Connect()
        {
            _link?.Dispose();
            _link = new FixLink(_table, new ArrayBufferWriter<byte>(), Clock);
            long number = _store.NextIncoming;
            _logons.Add(number);
            Hand("A", number, saysAgain: false, "98=0|108=30|");
            Assert.True(IsUp, $"no counterparty can log on: {_link.Why}");
        }

        public void Send(long number, bool saysAgain) => Hand("D", number, saysAgain, $"11={number}|40=1|54=1|55=MSFT|60={Now()}|");

        public void AssertEachOnce()
        {
            IEnumerable<long> received = Enumerable.Range(1, (int)_store.NextIncoming - 1).Select(number => (long)number)
                .Where(number => !_logons.Contains(number));
            Assert.Equal(received, _taken);
        }

        public void Dispose() => _link?.Dispose();

        private void Hand(string type, long number, bool saysAgain, string fields)
        {
            string again = saysAgain ? $"43=Y|122={Now()}|" : "";
            byte[] message = FixSeeds.Message(
                string.Create(CultureInfo.InvariantCulture, $"35={type}|34={number}|49=TW|52={Now()}|56=ISLD|{again}{fields}"));
            _link!.Receive(new ReadOnlySequence<byte>(message), out bool hasMore);
            while (hasMore)
            {
                hasMore = _session.ContinueResend();
            }

            Clock.Pass(TimeSpan.FromMilliseconds(1));
            _link.Tick();
        }

        private string Now()
        {
            byte[] text = new byte[FixText.TimeLength];
            FixText.WriteTime(text, Clock.UtcNanos);
            return Encoding.ASCII.GetString(text);
        }
    }
}
