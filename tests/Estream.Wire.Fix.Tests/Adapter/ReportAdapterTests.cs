using System.Text;
using Estream.Core;
using Estream.Esf;
using Estream.Fix;
using Estream.Testing;
using Estream.Trading;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Adapter;

/// <summary>A desk that stores execution reports, quotes and market data of a venue in its queues.</summary>
public sealed class ReportAdapterTests : IDisposable
{
    private readonly AdapterRig _rig = new("desk");

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Every_execution_report_is_in_the_queue_and_an_invalid_one_is_answered()
    {
        await using Venue venue = await Venue.StartAsync();
        await using RunningAdapter desk = await RunningAdapter.StartAsync(Desk(
            venue.Port, ("8", "FixExecutionReport", "orders")));
        Eventually.True(() => venue.Session.IsLoggedOn, "the desk is logged on");

        foreach (string type in (string[])["A", "0", "F", "6", "4", "8", "C", "5", "D", "I"])
        {
            venue.Send(Report(type));
        }

        venue.Send(Report("0").Add(1, "ACCOUNT"));

        Eventually.True(() => _rig.Sinks.DeadLetters.Messages == 1, "the invalid report is a dead letter");
        List<byte[]> reports = _rig.ReadAll(_rig.Orders, FixExecutionReport.Schema);
        Assert.Equal(
            ["A", "0", "F", "6", "4", "8", "C", "5", "D", "I"],
            reports.Select(report => Frames.Text(FixExecutionReport.View.Of(report).ExecTypeCode)));
        Eventually.True(() => venue.Answers.Contains("j"), "the venue got a Business Message Reject");
        Assert.Contains(_rig.Events, happened => happened.Detail.Contains("field 1 has no counterpart", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Quotes_and_changes_of_a_book_are_in_their_queues()
    {
        await using Venue venue = await Venue.StartAsync();
        await using RunningAdapter desk = await RunningAdapter.StartAsync(Desk(
            venue.Port, ("S", "EStreamQuote", "orders"), ("X", "FixMarketData", "cancels"), ("W", "estream.fix.FixMarketData", "cancels")));
        Eventually.True(() => venue.Session.IsLoggedOn, "the desk is logged on");

        venue.Send(new FixMessageBuilder("S").Add(117, "Q-1").Add(55, "EURUSD").Add(132, "1.5").Add(134, "7"));
        venue.Send(new FixMessageBuilder("W").Add(55, "EURUSD").Add(268, 1).Add(269, "0").Add(270, "1.5").Add(271, 3));
        venue.Send(new FixMessageBuilder("X").Add(268, 2).Add(279, "2").Add(278, "L-1").Add(279, "0").Add(269, "1").Add(270, "1.6"));

        Eventually.True(() => _rig.Sinks.All.Sum(sink => sink.Messages) == 3, "the messages are in the queues");
        EStreamQuote.View quote = EStreamQuote.View.Of(Assert.Single(_rig.ReadAll(_rig.Orders, EStreamQuote.Schema)));
        Assert.Equal("VENUE", Frames.Text(quote.Source));
        List<byte[]> books = _rig.ReadAll(_rig.Cancels, FixMarketData.Schema);
        Assert.True(FixMarketData.View.Of(books[0]).IsSnapshot);
        Assert.Equal(2, FixMarketData.View.Of(books[1]).Entries.Count);
        Assert.Equal(FixUpdateAction.Delete, FixMarketData.View.Of(books[1]).Entries[0].Action);
    }

    [Fact]
    public async Task Stop_limit_order_is_sent_from_the_queue_of_one_adapter_to_the_queue_of_another()
    {
        using AdapterRig venueRig = new("venue");
        await using RunningAdapter venue = await RunningAdapter.StartAsync(new FixAcceptorFactory().Create(
            venueRig.Context, AdapterRig.Settings(("Mappings:0:Schema", "FixNewOrderSingle"))));
        await using RunningAdapter desk = await RunningAdapter.StartAsync(new FixInitiatorFactory().Create(
            _rig.Context, new WireSettings("Estream:Adapters:desk", new Dictionary<string, string?>
            {
                ["Type"] = "fix-initiator",
                ["Host"] = "127.0.0.1",
                ["Port"] = $"{venue.Adapter.LocalEndPoint!.Port}",
                ["Sessions:0:SenderCompId"] = "DESK",
                ["Sessions:0:TargetCompId"] = "VENUE",
                ["Egress:0:Queue"] = "orders",
                ["Egress:0:Schema"] = "FixNewOrderSingle",
                ["Egress:0:TargetCompId"] = "VENUE",
                ["Egress:0:Keys"] = _rig.KeyFolder,
            })));
        FixTranslator translator = new(
            FixProtocol.Fix44, new FixTranslatorOptions { Schemas = [FixNewOrderSingle.Schema.QualifiedName] });
        byte[] order = Translated.ToEsf(translator, Frames.Message("FIX.4.4",
            "35=D|34=1|49=DESK|52=20260707-12:30:00.000|56=VENUE|97=Y|115=TRADER 7|11=c-1|55=EURUSD|54=1|38=5|40=4|44=1.5|99=1.4|59=6|"
            + "432=20260708|60=20260707-12:30:00.000|"));
        EgressMessage egress = new();
        Assert.True(desk.Adapter.TranslateEgress(
            new EsfMessage(FixNewOrderSingle.Schema, _rig.Seal(FixNewOrderSingle.Schema, order)), egress).IsOk);
        Eventually.True(() => desk.Adapter.Health.State == HealthState.Healthy, "the desk is logged on");

        Assert.True((await desk.Adapter.Emit(egress, CancellationToken.None)).IsOk);

        Eventually.True(() => venueRig.Sinks.All.Sum(sink => sink.Messages) == 1, "the order is in the queue");
        FixNewOrderSingle.View stored = FixNewOrderSingle.View.Of(
            Assert.Single(venueRig.ReadAll(venueRig.Orders, FixNewOrderSingle.Schema)));
        Assert.Equal(FixOrderType.StopLimit, stored.OrderType);
        Assert.Equal(140_000_000, stored.StopPrice);
        Assert.True(stored.PossibleResend);
        Assert.True(stored.Submitter.TryGet(out ReadOnlySpan<byte> submitter));
        Assert.Equal("TRADER 7", Frames.Text(submitter));
    }

    [Fact]
    public async Task Book_of_1000_entries_is_sent_whole_and_one_that_the_dictionary_refuses_gets_no_number()
    {
        await using Venue venue = await Venue.StartAsync();
        await using RunningAdapter desk = await RunningAdapter.StartAsync(new FixInitiatorFactory().Create(
            _rig.Context, new WireSettings("Estream:Adapters:desk", new Dictionary<string, string?>
            {
                ["Type"] = "fix-initiator",
                ["Host"] = "127.0.0.1",
                ["Port"] = $"{venue.Port}",
                ["Sessions:0:SenderCompId"] = "DESK",
                ["Sessions:0:TargetCompId"] = "VENUE",
                ["Egress:0:Queue"] = "orders",
                ["Egress:0:Schema"] = "FixMarketData",
                ["Egress:0:TargetCompId"] = "VENUE",
            })));
        Eventually.True(
            () => venue.Session.IsLoggedOn && desk.Adapter.Health.State == HealthState.Healthy, "both sides are logged on");
        EgressMessage refused = new();

        TranslateStatus status = desk.Adapter.TranslateEgress(new EsfMessage(FixMarketData.Schema, Book("~")), refused);
        await EmitAsync(desk.Adapter, Book("0"));

        Assert.Equal(TranslateCode.Unfit, status.Code);
        Assert.Equal("field 269 (MDEntryType) has a value that the dictionary of FIX.4.4 does not list", status.Describe(default));
        Eventually.True(() => venue.Answers.Contains("W") && venue.Session.NextIncoming > 2, "the book has arrived");
        Assert.Equal(1_000, venue.Entries);
        Assert.Equal(3, venue.Session.NextIncoming);
        Assert.Empty(venue.Session.Counters.Rejected);
    }

    /// <summary>A snapshot of 1,000 entries of a kind.</summary>
    private static byte[] Book(string kind)
    {
        string entry = $$"""{"kind_code":"{{kind}}","price":150000000,"quantity":4}""";
        byte[] book = new byte[512 * 1_024];
        EsfStatus status = EsfJson.TryEncode(FixMarketData.Schema, Encoding.UTF8.GetBytes(
            $$"""{"is_snapshot":true,"instrument":"EURUSD","sent_at":1,"possible_resend":false,"entries":[{{string.Join(',', Enumerable.Repeat(entry, 1_000))}}]}"""),
            book, out int length);
        Assert.True(status.IsOk, status.ToString());
        return book[..length];
    }

    private static async Task EmitAsync(IWireAdapter adapter, byte[] book)
    {
        EgressMessage egress = new();
        TranslateStatus status = adapter.TranslateEgress(new EsfMessage(FixMarketData.Schema, book), egress);
        Assert.True(status.IsOk, status.Describe(default));
        Assert.True((await adapter.Emit(egress, CancellationToken.None)).IsOk);
    }

    [Theory]
    [InlineData("8", "EStreamOrder", "Schema", "estream.trading.EStreamFill or estream.fix.FixExecutionReport")]
    [InlineData("X", "EStreamMarketData", "Schema", "estream.fix.FixMarketData")]
    [InlineData("G", "EStreamOrder", "MsgType", "D or 8 or S or W or X or F or 9")]
    public void Schema_of_another_type_is_refused(string msgType, string schema, string key, string expected)
    {
        WireConfigurationException refused = Assert.Throws<WireConfigurationException>(() => Desk(1, (msgType, schema, "orders")));

        Assert.Equal($"Estream:Adapters:desk:Mappings:0:{key}", refused.Key);
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    private static FixMessageBuilder Report(string type)
    {
        return new FixMessageBuilder("8").Add(37, "V-1").Add(11, "c-1").Add(17, $"E-{type}").Add(150, type).Add(39, "0").Add(55, "EURUSD")
            .Add(54, "1").Add(151, 5).Add(14, 0).Add(6, 0);
    }

    private IWireAdapter Desk(int port, params (string MsgType, string Schema, string Queue)[] mappings)
    {
        Dictionary<string, string?> settings = new()
        {
            ["Type"] = "fix-initiator",
            ["Host"] = "127.0.0.1",
            ["Port"] = $"{port}",
            ["Sessions:0:SenderCompId"] = "DESK",
            ["Sessions:0:TargetCompId"] = "VENUE",
        };
        for (int place = 0; place < mappings.Length; place++)
        {
            settings[$"Mappings:{place}:MsgType"] = mappings[place].MsgType;
            settings[$"Mappings:{place}:Schema"] = mappings[place].Schema;
            settings[$"Mappings:{place}:Queue"] = mappings[place].Queue;
        }

        return new FixInitiatorFactory().Create(_rig.Context, new WireSettings("Estream:Adapters:desk", settings));
    }

    /// <summary>An acceptor that records the types of the messages it receives.</summary>
    private sealed class Venue : IAsyncDisposable, IFixApplication
    {
        private readonly CancellationTokenSource _stopping = new();
        private readonly FixAcceptor _acceptor;
        private readonly List<string> _answers = [];
        private Task _running = Task.CompletedTask;

        private Venue()
        {
            _acceptor = new FixAcceptor(
                new FixAcceptorOptions { Port = 0 },
                [SessionRig.Options() with { SenderCompId = "VENUE", TargetCompId = "DESK", MaxFields = 10_000 }], this,
                SystemClock.Instance, _ => { });
        }

        public int Port => _acceptor.LocalEndPoint!.Port;

        public FixSession Session => _acceptor.Sessions[0];

        public string[] Answers
        {
            get
            {
                lock (_answers)
                {
                    return [.. _answers];
                }
            }
        }

        public static async Task<Venue> StartAsync()
        {
            Venue venue = new();
            await venue._acceptor.StartAsync(CancellationToken.None);
            venue._running = venue._acceptor.RunAsync(venue._stopping.Token);
            return venue;
        }

        public void Send(FixMessageBuilder message)
        {
            Assert.Equal(FixSendStatus.Sent, Session.Send(message));
        }

        /// <summary>The number of entries of market data received.</summary>
        public int Entries { get; private set; }

        public FixVerdict OnMessage(FixSession session, in FixMessage message)
        {
            lock (_answers)
            {
                Entries += message.Fields.TryGetNumber(268, out long entries) ? (int)entries : 0;
                _answers.Add(Frames.Text(message.MsgType));
            }

            return FixVerdict.Accepted;
        }

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            await _running;
            await _acceptor.DisposeAsync();
            _stopping.Dispose();
        }
    }
}
