using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;
using Estream.Trading;
using Estream.Wire.Fix.Session;
using Estream.Wire.Fix.Tests.Rig;
using Estream.Wire.Fix.Translation;

namespace Estream.Wire.Fix.Tests.Adapter;

/// <summary>Fills of received orders are sent as reports with the state of their orders, also after a restart.</summary>
public sealed class FillEgressTests : IDisposable
{
    private const ulong Price = 108_000_000;

    private readonly TempDirectory _folder = new();
    private readonly AdapterRig _rig = new("venue");
    private readonly EgressMessage _egress = new();

    [Fact]
    public async Task Fill_is_reported_with_the_state_of_its_order()
    {
        await using RunningAdapter run = await StartAsync();
        await using Desk desk = new(run.Adapter);
        Order(desk, "c-1", 1_000);

        Assert.Equal(EmitStatus.Ok, await ReportAsync(run, "e-1", "c-1", 400));
        Assert.Equal(EmitStatus.Ok, await ReportAsync(run, "e-2", "c-1", 600, Price + 1_000_000));

        Eventually.True(() => desk.Reports.Length == 2, "both reports are at the desk");
        Assert.Equal(["e-1 of c-1: 1, 400 filled, 600 open, at 108000000", "e-2 of c-1: 2, 1000 filled, 0 open, at 108600000"],
            desk.Reports);
        Assert.Equal(0, _rig.Sinks.DeadLetters.Messages);
    }

    [Fact]
    public async Task Fill_of_an_order_stored_as_FixNewOrderSingle_is_reported()
    {
        await using RunningAdapter run = await StartAsync(("Mappings:0:Schema", "FixNewOrderSingle"));
        await using Desk desk = new(run.Adapter);
        desk.Order("c-1", "1000", (59, "7"), (111, "100"));
        Eventually.True(() => Orders() == 1, "the order is in its queue");

        Assert.Equal(EmitStatus.Ok, await ReportAsync(run, "e-1", "c-1", 400));

        Eventually.True(() => desk.Reports.Length == 1, "the report is at the desk");
        Assert.Equal(["e-1 of c-1: 1, 400 filled, 600 open, at 108000000"], desk.Reports);
    }

    [Fact]
    public async Task Order_state_survives_a_restart_and_a_sequence_reset()
    {
        await using (RunningAdapter first = await StartAsync())
        await using (Desk desk = new(first.Adapter))
        {
            Order(desk, "filled in part", 1_000);
            Order(desk, "not filled yet", 7);
            Assert.Equal(EmitStatus.Ok, await ReportAsync(first, "e-1", "filled in part", 400));
        }

        await using RunningAdapter second = await StartAsync();
        await using Desk again = new(second.Adapter);
        again.AwaitLogon();

        // The fill that the last process sent before it ended is repeated, with the same report.
        Assert.Equal(EmitStatus.Ok, await ReportAsync(second, "e-1", "filled in part", 400));
        Assert.Equal(EmitStatus.Ok, await ReportAsync(second, "e-2", "filled in part", 500));
        Assert.Equal(EmitStatus.Ok, await ReportAsync(second, "e-3", "not filled yet", 7));

        Eventually.True(() => again.Reports.Length == 3, "the reports are at the desk");
        Assert.Equal(
            [
                "e-1 of filled in part: 1, 400 filled, 600 open, at 108000000",
                "e-2 of filled in part: 1, 900 filled, 100 open, at 108000000",
                "e-3 of not filled yet: 2, 7 filled, 0 open, at 108000000",
            ],
            again.Reports);
    }

    [Fact]
    public async Task Fill_of_an_unknown_order_or_above_its_open_quantity_becomes_a_dead_letter()
    {
        await using RunningAdapter run = await StartAsync();
        await using Desk desk = new(run.Adapter);
        Order(desk, "c-1", 1_000);

        Assert.Equal(EmitCode.Refused, (await ReportAsync(run, "e-1", "unknown", 1)).Code);
        Assert.Equal(EmitCode.Refused, (await ReportAsync(run, "e-2", "c-1", 1_001)).Code);
        Assert.Equal(EmitStatus.Ok, await ReportAsync(run, "e-3", "c-1", 1_000));

        List<string> letters = _rig.Letters();
        Assert.Equal(2, letters.Count);
        Assert.Contains("fill e-1 of order unknown was not reported to DESK: its order was not received here", letters[0],
            StringComparison.Ordinal);
        Assert.Contains("fill e-2 of order c-1 was not reported to DESK: its quantity exceeds the open quantity", letters[1],
            StringComparison.Ordinal);
        Eventually.True(() => desk.Reports.Length == 1, "the third one is at the desk");
    }

    [Fact]
    public async Task Fill_is_counted_only_when_sent_after_the_counterparty_logs_on_again()
    {
        await using RunningAdapter run = await StartAsync();
        await using (Desk desk = new(run.Adapter))
        {
            Order(desk, "c-1", 10);
        }

        Eventually.True(() => !run.Adapter.Sessions[0].IsLoggedOn, "the desk has gone");
        Assert.Equal(EmitCode.NotConnected, (await ReportAsync(run, "e-1", "c-1", 4)).Code);
        await using Desk again = new(run.Adapter);
        again.AwaitLogon();

        Assert.Equal(EmitStatus.Ok, await run.Adapter.Emit(_egress, CancellationToken.None));
        Assert.Equal(EmitStatus.Ok, await ReportAsync(run, "e-2", "c-1", 6));

        Eventually.True(() => again.Reports.Length == 2, "both reports are at the desk");
        Assert.Equal(["e-1 of c-1: 1, 4 filled, 6 open, at 108000000", "e-2 of c-1: 2, 10 filled, 0 open, at 108000000"], again.Reports);
    }

    [Fact]
    public async Task Fill_with_quantity_0_or_of_an_order_with_quantity_0_is_refused()
    {
        await using (RunningAdapter first = await StartAsync())
        await using (Desk desk = new(first.Adapter))
        {
            Order(desk, "c-1", 10);
            Order(desk, "nothing", 0);
            Assert.Equal(EmitStatus.Ok, await ReportAsync(first, "e-1", "c-1", 10));
            Assert.Equal(EmitCode.Refused, (await ReportAsync(first, "e-2", "c-1", 0)).Code);
            Assert.Equal(EmitCode.Refused, (await ReportAsync(first, "e-3", "nothing", 1)).Code);
        }

        await using RunningAdapter second = await StartAsync();
        await using Desk again = new(second.Adapter);
        again.AwaitLogon();
        Assert.Equal(EmitCode.Refused, (await ReportAsync(second, "e-2", "c-1", 0)).Code);

        List<string> letters = _rig.Letters();
        Assert.Contains("fill e-2 of order c-1 was not reported to DESK: its quantity is 0", letters[0], StringComparison.Ordinal);
        Assert.Contains("fill e-3 of order nothing was not reported to DESK: its order was not received here", letters[1],
            StringComparison.Ordinal);
        Assert.Equal(3, letters.Count);
    }

    [Fact]
    public async Task Order_that_was_not_stored_does_not_change_the_order_book()
    {
        await using RunningAdapter run = await StartAsync();
        await using Desk desk = new(run.Adapter);
        Refused(desk, "corrected", "100", (1, "ACC"));
        Order(desk, "corrected", 200);
        Order(desk, "in part", 100);
        Assert.Equal(EmitStatus.Ok, await ReportAsync(run, "e-1", "in part", 40));
        Refused(desk, "in part", "200", (1, "ACC"));
        Order(desk, "filled", 10);
        Assert.Equal(EmitStatus.Ok, await ReportAsync(run, "e-2", "filled", 10));
        Refused(desk, "filled", "10", (97, "Y"));

        Assert.Equal(EmitStatus.Ok, await ReportAsync(run, "e-3", "corrected", 100));
        Assert.Equal(EmitStatus.Ok, await ReportAsync(run, "e-4", "in part", 60));
        Assert.Equal(EmitCode.Refused, (await ReportAsync(run, "e-5", "filled", 1)).Code);

        Eventually.True(() => desk.Reports.Length == 4, "the reports are at the desk");
        Assert.Equal("e-3 of corrected: 1, 100 filled, 100 open, at 108000000", desk.Reports[2]);
        Assert.Equal("e-4 of in part: 2, 100 filled, 0 open, at 108000000", desk.Reports[3]);
    }

    [Fact]
    public async Task Reused_ClOrdID_refers_to_the_newer_order_after_a_restart()
    {
        await using (RunningAdapter first = await StartAsync())
        await using (Desk desk = new(first.Adapter))
        {
            Order(desk, "c-1", 100);
            Assert.Equal(EmitStatus.Ok, await ReportAsync(first, "e-1", "c-1", 50));
            Order(desk, "c-1", 200);
            Assert.Equal(EmitStatus.Ok, await ReportAsync(first, "e-2", "c-1", 120));
        }

        await using RunningAdapter second = await StartAsync();
        await using Desk again = new(second.Adapter);
        again.AwaitLogon();
        Assert.Equal(EmitStatus.Ok, await ReportAsync(second, "e-3", "c-1", 80));

        Eventually.True(() => again.Reports.Length == 1, "the report is at the desk");
        Assert.Equal(["e-3 of c-1: 2, 200 filled, 0 open, at 108000000"], again.Reports);
    }

    [Fact]
    public async Task Orders_are_scaled_or_dropped_when_QuantityDecimals_changes()
    {
        await using (RunningAdapter first = await StartAsync(("QuantityDecimals", "2")))
        await using (Desk desk = new(first.Adapter))
        {
            Order(desk, "whole", 10);
            Order(desk, "filled by halves", 10);
            Assert.Equal(EmitStatus.Ok, await ReportAsync(first, "e-1", "whole", 400));
            Assert.Equal(EmitStatus.Ok, await ReportAsync(first, "e-2", "filled by halves", 50));
            desk.Order("a half", "0.5");
            Eventually.True(() => Orders() == 3, "all orders are in their queue");
        }

        await using RunningAdapter second = await StartAsync();
        await using Desk again = new(second.Adapter);
        again.AwaitLogon();
        Assert.Equal(EmitStatus.Ok, await ReportAsync(second, "e-3", "whole", 6));
        Assert.Equal(EmitCode.Refused, (await ReportAsync(second, "e-4", "filled by halves", 1)).Code);
        Assert.Equal(EmitCode.Refused, (await ReportAsync(second, "e-5", "a half", 1)).Code);

        Eventually.True(() => again.Reports.Length == 1, "the report is at the desk");
        Assert.Equal(["e-3 of whole: 2, 10 filled, 0 open, at 108000000"], again.Reports);
        Assert.All(_rig.Letters(), letter => Assert.Contains("its order was not received here", letter, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Journal_of_another_FIX_version_is_refused()
    {
        await using (RunningAdapter first = await StartAsync())
        await using (Desk desk = new(first.Adapter))
        {
            Order(desk, "c-1", 10);
            Assert.Equal(EmitStatus.Ok, await ReportAsync(first, "e-1", "c-1", 4));
        }

        WireConfigurationException failure = await Assert.ThrowsAsync<WireConfigurationException>(() => StartAsync(("Version", "FIX.4.2")));

        Assert.Contains($"Version: the journal {_folder.Combine("journal")} belongs to a session of FIX.4.4", failure.Message,
            StringComparison.Ordinal);
        Assert.Contains("of FIX.4.2. Give it another journal", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Order_is_dropped_when_its_reports_in_the_journal_have_another_FIX_version()
    {
        await using (RunningAdapter first = await StartAsync())
        await using (Desk desk = new(first.Adapter))
        {
            Order(desk, "c-1", 10);
            Order(desk, "not filled", 10);
            Assert.Equal(EmitStatus.Ok, await ReportAsync(first, "e-1", "c-1", 4));
        }

        // Simulates a FIX 4.2 session that continued the journal, which an earlier version of Estream did not refuse.
        using (EstreamQueue queue = EstreamQueue.Open(_folder.Combine("journal")))
        using (FixQueueStore store = new(queue))
        {
            store.Append("8=FIX.4.2\u00019=5\u000135=0\u000110=161\u0001"u8);
        }

        await using RunningAdapter second = await StartAsync(("Version", "FIX.4.2"));
        await using Desk again = new(second.Adapter, FixProtocol.Fix42);
        again.AwaitLogon();
        EmitStatus overfilled = await ReportAsync(second, "e-2", "c-1", 10);

        Assert.Equal(EmitCode.Refused, overfilled.Code);
        Assert.Contains("its order was not received here or was dropped", overfilled.Detail, StringComparison.Ordinal);
        Assert.Equal(EmitStatus.Ok, await ReportAsync(second, "e-3", "not filled", 10));
    }

    [Fact]
    public void Egress_of_fills_requires_a_mapping_of_orders()
    {
        WireSettings settings = AdapterRig.Settings(
            ("Mappings:0:MsgType", "F"), ("Mappings:0:Schema", "FixOrderCancel"), ("Mappings:1:MsgType", "9"),
            ("Mappings:1:Schema", "FixOrderCancelReject"),
            ("Egress:0:Queue", "fills"), ("Egress:0:Schema", "EStreamFill"), ("Egress:0:TargetCompId", "DESK"));

        WireConfigurationException failure =
            Assert.Throws<WireConfigurationException>(() => new FixAcceptorFactory().Create(_rig.Context, settings));

        Assert.Contains("Map D", failure.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _rig.Dispose();
        _folder.Dispose();
    }

    private Task<RunningAdapter> StartAsync(params (string Key, string? Value)[] more)
    {
        return RunningAdapter.StartAsync(new FixAcceptorFactory().Create(_rig.Context, AdapterRig.Settings([
            ("Sessions:0:Journal", _folder.Combine("journal")),
            ("Egress:0:Queue", "fills"), ("Egress:0:Schema", "EStreamFill"), ("Egress:0:TargetCompId", "DESK"), .. more])));
    }

    /// <summary>Sends an order, and waits until it is in its queue.</summary>
    private void Order(Desk desk, string id, long quantity)
    {
        long before = Orders();
        desk.Order(id, quantity.ToString(CultureInfo.InvariantCulture));
        Eventually.True(() => Orders() == before + 1, $"order {id} is in its queue");
    }

    /// <summary>Sends an order that cannot be stored, and waits until it is a dead letter.</summary>
    private void Refused(Desk desk, string id, string quantity, (int Tag, string Value) reason)
    {
        long before = _rig.Sinks.DeadLetters.Messages;
        desk.Order(id, quantity, reason);
        Eventually.True(() => _rig.Sinks.DeadLetters.Messages == before + 1, $"order {id} is among the dead letters");
    }

    private long Orders()
    {
        return _rig.Sinks.All.Sum(sink => sink.Messages);
    }

    private async Task<EmitStatus> ReportAsync(RunningAdapter run, string fillId, string orderId, ulong quantity, ulong price = Price)
    {
        Assert.True(run.Adapter.TranslateEgress(new EsfMessage(EStreamFill.Schema, Fill(fillId, orderId, quantity, price)), _egress).IsOk);
        return await run.Adapter.Emit(_egress, CancellationToken.None);
    }

    private static byte[] Fill(string fillId, string orderId, ulong quantity, ulong price)
    {
        byte[] bytes = new byte[EStreamFill.MaxLength];
        EStreamFill.Writer fill = EStreamFill.Write(bytes);
        fill.SetFillId(Id(fillId));
        fill.SetOrderId(Id(orderId));
        fill.SetInstrument("EURUSD"u8);
        fill.Side = OrderSide.Buy;
        fill.Quantity = quantity;
        fill.Price = price;
        fill.ExecutedAt = FixDay.Start;
        return bytes[..fill.Length];
    }

    private static byte[] Id(string name)
    {
        byte[] id = new byte[FixIdText.Length];
        Assert.True(FixIdText.TryRead(Encoding.UTF8.GetBytes(name), id));
        return id;
    }

    /// <summary>A counterparty that sends orders and records reports. It keeps no state, and resets the sequence numbers with each
    /// Logon.</summary>
    private sealed class Desk : IFixApplication, IAsyncDisposable
    {
        private const int PossResend = 97;

        private readonly ConcurrentQueue<string> _reports = new();
        private readonly CancellationTokenSource _stopping = new();
        private readonly FixInitiator _initiator;
        private readonly Task _running;

        public Desk(FixAdapter venue, FixProtocol? protocol = null)
        {
            _initiator = new FixInitiator(
                new FixInitiatorOptions { Host = "127.0.0.1", Port = venue.LocalEndPoint!.Port, MaxReconnectSeconds = 1 },
                SessionRig.Options() with
                {
                    SenderCompId = "DESK",
                    TargetCompId = "VENUE",
                    ResetOnLogon = true,
                    Protocol = protocol ?? FixProtocol.Fix44,
                },
                this,
                SystemClock.Instance,
                _ => { });
            _running = _initiator.RunAsync(_stopping.Token);
        }

        public string[] Reports => [.. _reports];

        public void AwaitLogon()
        {
            Eventually.True(() => _initiator.Session.IsLoggedOn, "the desk is logged on");
        }

        public void Order(string id, string quantity, params (int Tag, string Value)[] more)
        {
            AwaitLogon();
            FixMessageBuilder order = new FixMessageBuilder("D").Add(11, id).Add(55, "EURUSD").Add(54, "1").Add(38, quantity).Add(40, "1")
                .AddTime(60, FixDay.Start);
            foreach ((int tag, string value) in more)
            {
                _ = tag == PossResend ? order.AddHeader(tag, Encoding.UTF8.GetBytes(value)) : order.Add(tag, value);
            }

            Assert.Equal(FixSendStatus.Sent, _initiator.Session.Send(order));
        }

        public FixVerdict OnMessage(FixSession session, in FixMessage message)
        {
            if (!message.MsgType.SequenceEqual("8"u8))
            {
                return FixVerdict.Accepted;
            }

            message.Fields.TryGetFixed(6, 8, out long average);
            _reports.Enqueue(
                $"{Text(message, 17)} of {Text(message, 11)}: {Text(message, 39)}, {Text(message, 14)} filled, {Text(message, 151)} open, "
                + $"at {average}");
            return FixVerdict.Accepted;
        }

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            await _running;
            await _initiator.DisposeAsync();
            _stopping.Dispose();
        }

        private static string Text(in FixMessage message, int tag)
        {
            return message.Fields.TryGet(tag, out ReadOnlySpan<byte> value) ? Encoding.UTF8.GetString(value) : "";
        }
    }
}
