using Estream.Core;
using Estream.Fix;
using Estream.Queue;
using Estream.Testing;
using Estream.Trading;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Adapter;

/// <summary>Two adapters over loopback: a desk that sends from its queues, and a venue that stores messages in its own queues.</summary>
public class AdapterTests
{
    private const string Order = "11=c-1|55=EURUSD|54=1|60=20260707-12:30:00.000|38=1000|40=2|44=1.0825|59=1|";

    [Fact]
    public async Task Order_is_sent_from_the_desk_and_stored_sealed_in_the_queue_of_the_venue()
    {
        using AdapterRig venueRig = new("venue");
        using AdapterRig deskRig = new("desk");
        await using RunningAdapter venueRun = await StartVenueAsync(venueRig);
        FixAdapter venue = venueRun.Adapter;
        await using RunningAdapter deskRun = await RunningAdapter.StartAsync(Desk(deskRig, venue.LocalEndPoint!.Port));
        FixAdapter desk = deskRun.Adapter;
        byte[] order = Translated.ToEsf(
            new FixTranslator(FixProtocol.Fix44), Translated.Whole(FixProtocol.Fix44, "D", Order));
        EgressMessage egress = new();

        Assert.True(desk.TranslateEgress(new EsfMessage(EStreamOrder.Schema, order), egress).IsOk);
        Eventually.True(() => desk.Health.State == HealthState.Healthy, "the desk is logged on");
        Assert.True((await desk.Emit(egress, CancellationToken.None)).IsOk);

        Eventually.True(() => venueRig.Sinks.All.Sum(sink => sink.Messages) == 1, "the order is in the queue");
        Assert.Equal(EStreamOrder.View.Of(order).ToString(),
            EStreamOrder.View.Of(Assert.Single(venueRig.ReadAll(venueRig.Orders, EStreamOrder.Schema))).ToString());
        Assert.Equal(HealthState.Healthy, venue.Health.State);
        Eventually.True(() => venue.Statistics.ReceivedTotal == 1, "the order is counted");
        Assert.Equal(1, venue.Statistics.Connections);
    }

    [Fact]
    public async Task A_message_is_answered_only_after_a_quorum_has_what_was_stored_of_it()
    {
        using AdapterRig venueRig = new("venue", Durability.Quorum);
        using QueueQuorum quorum = venueRig.DeadLetters.OpenQuorum();
        using AdapterRig deskRig = new("desk");
        await using RunningAdapter venueRun = await StartVenueAsync(venueRig);
        await using RunningAdapter deskRun = await LogOnAsync(deskRig, venueRun);
        FixAdapter desk = deskRun.Adapter;
        FixMessageBuilder order = new FixMessageBuilder("D").Add(11, "c-1").Add(1, "ACCOUNT").Add(55, "EURUSD").Add(54, "1").Add(38, 1)
            .Add(40, "1").AddTime(60, FixDay.Start);

        Assert.Equal(FixSendStatus.Sent, desk.Sessions[0].Send(order));
        Eventually.True(() => venueRig.Letters().Count == 1, "the dead letter is stored");
        Assert.Equal(0, desk.Statistics.ReceivedTotal);
        quorum.AdvanceTo(venueRig.DeadLetters.GetInfo().EndPosition);
        Eventually.True(() => desk.Statistics.ReceivedTotal == 1, "the venue has answered");
    }

    [Fact]
    public async Task Order_with_an_unmapped_field_is_rejected_with_its_tag_and_becomes_a_dead_letter()
    {
        using AdapterRig venueRig = new("venue");
        using AdapterRig deskRig = new("desk");
        await using RunningAdapter venueRun = await StartVenueAsync(venueRig);
        FixAdapter venue = venueRun.Adapter;
        await using RunningAdapter deskRun = await LogOnAsync(deskRig, venueRun);
        FixAdapter desk = deskRun.Adapter;
        FixMessageBuilder order = new FixMessageBuilder("D").Add(11, "c-1").Add(1, "ACCOUNT").Add(55, "EURUSD").Add(54, "1").Add(38, 1)
            .Add(40, "1")
            .AddTime(60, FixDay.Start);

        Assert.Equal(FixSendStatus.Sent, desk.Sessions[0].Send(order));

        Eventually.True(() => desk.Statistics.ReceivedTotal == 1, "the venue has answered");
        Assert.Equal(1, venue.Statistics.RejectedTotal);
        Assert.Contains(venueRig.Events, happened => happened.Detail.Contains("field 1 has no counterpart", StringComparison.Ordinal));
        Assert.Empty(venueRig.ReadAll(venueRig.Orders, EStreamOrder.Schema));

        // The desk cannot answer a business reject, so the reject becomes a dead letter for an operator.
        Eventually.True(() => deskRig.Sinks.DeadLetters.Messages == 1, "the refusal is among the dead letters of the desk");
    }

    [Fact]
    public async Task Many_messages_of_an_unmapped_type_are_counted_and_only_a_hundred_are_kept()
    {
        using AdapterRig venueRig = new("venue");
        using AdapterRig deskRig = new("desk");
        await using RunningAdapter venueRun = await StartVenueAsync(venueRig);
        await using RunningAdapter deskRun = await LogOnAsync(deskRig, venueRun);

        for (int i = 0; i < 130; i++)
        {
            Assert.Equal(FixSendStatus.Sent, deskRun.Adapter.Sessions[0].Send(News()));
        }

        Eventually.True(() => venueRun.Adapter.Statistics.RejectedTotal == 130, "all messages are counted");
        Assert.Equal(100, venueRig.Letters().Count);
    }

    [Fact]
    public async Task A_message_of_an_unmapped_type_does_not_hold_the_session_while_dead_letters_cannot_be_written()
    {
        using AdapterRig venueRig = new("venue");
        using AdapterRig deskRig = new("desk");
        await using RunningAdapter venueRun = await StartVenueAsync(venueRig);
        await using RunningAdapter deskRun = await LogOnAsync(deskRig, venueRun);
        venueRig.Sinks.Pause(
            new EstreamStorageException("paused by the test", path: null, StorageFailure.Other), queue => queue == "dead-letters");
        FixMessageBuilder order = new FixMessageBuilder("D").Add(11, "c-1").Add(55, "EURUSD").Add(54, "1").AddTime(60, FixDay.Start)
            .Add(38, 1).Add(40, "1");

        Assert.Equal(FixSendStatus.Sent, deskRun.Adapter.Sessions[0].Send(News()));
        Assert.Equal(FixSendStatus.Sent, deskRun.Adapter.Sessions[0].Send(order));

        Eventually.True(() => venueRig.Sinks.All.Sum(sink => sink.Messages) == 1, "the order is in the queue");
        Assert.Equal(1, venueRun.Adapter.Statistics.RejectedTotal);
        Assert.Empty(venueRig.Letters());
    }

    [Fact]
    public async Task Order_has_OnBehalfOfCompID_unless_its_submitter_is_the_SenderCompID()
    {
        using AdapterRig rig = new();
        await using FixAdapter desk = new(
            new FixAdapterOptions
            {
                Acceptor = new FixAcceptorOptions { Port = 0 },
                Sessions =
                [
                    new FixAdapterSession(SessionRig.Options() with { SenderCompId = "ONE", TargetCompId = "A" }),
                    new FixAdapterSession(SessionRig.Options() with { SenderCompId = "TWO", TargetCompId = "B" }),
                ],
                Egress = [new FixEgress("estream.trading.EStreamOrder", "B")],
            },
            rig.Context);

        Assert.StartsWith("35=D|115=ONE|11=c-1|", Sent(desk, "ONE"), StringComparison.Ordinal);
        Assert.StartsWith("35=D|11=c-1|", Sent(desk, "TWO"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sealed_order_is_sent_only_with_the_keys_of_its_audience()
    {
        using AdapterRig rig = new();
        using AdapterRig others = new("others");
        byte[] clear = Translated.ToEsf(new FixTranslator(FixProtocol.Fix44), Translated.Whole(FixProtocol.Fix44, "D", $"115=ONE|{Order}"));
        byte[] order = rig.Seal(EStreamOrder.Schema, clear);
        EgressMessage egress = new();
        await using (FixAdapter withKeys = Desk(rig, 1, rig.KeyFolder))
        {
            Assert.True(withKeys.TranslateEgress(new EsfMessage(EStreamOrder.Schema, order), egress).IsOk);
            Assert.StartsWith("35=D|115=ONE|11=c-1|", Frames.Text(egress.Payload.WrittenSpan), StringComparison.Ordinal);

            order[^20] ^= 1;
            Assert.Equal(TranslateCode.Unfit, withKeys.TranslateEgress(new EsfMessage(EStreamOrder.Schema, order), egress).Code);
            order[^20] ^= 1;
        }

        foreach (string? keys in (string?[])[null, others.KeyFolder])
        {
            await using FixAdapter without = Desk(rig, 1, keys);
            TranslateStatus status = without.TranslateEgress(new EsfMessage(EStreamOrder.Schema, order), egress);
            Assert.Contains("is withheld", status.Describe(default), StringComparison.Ordinal);
            Assert.Equal(0, egress.Payload.WrittenCount);
        }
    }

    [Fact]
    public async Task Emit_returns_NotConnected_when_the_counterparty_is_not_logged_on()
    {
        using AdapterRig rig = new();
        await using IWireAdapter venue = new FixAcceptorFactory().Create(rig.Context, AdapterRig.Settings(
            ("Egress:0:Queue", "cancels"), ("Egress:0:Schema", "estream.fix.FixOrderCancel"), ("Egress:0:TargetCompId", "DESK")));
        await venue.StartAsync(CancellationToken.None);
        byte[] cancel = Translated.ToEsf(
            new FixTranslator(FixProtocol.Fix44),
            Translated.Whole(FixProtocol.Fix44, "F", "41=a|11=b|55=EURUSD|54=1|60=20260707-12:30:00.000|"));
        EgressMessage egress = new();

        Assert.True(venue.TranslateEgress(new EsfMessage(FixOrderCancel.Schema, cancel), egress).IsOk);
        Assert.Equal("DESK", Frames.Text(egress.Topic.WrittenSpan));
        Assert.Equal("35=F|41=a|11=b|55=EURUSD|54=1|60=20260707-12:30:00.000|", Frames.Text(egress.Payload.WrittenSpan));
        Assert.Equal(EmitCode.NotConnected, (await venue.Emit(egress, CancellationToken.None)).Code);
        egress.Clear();
        Assert.Equal(EmitCode.Refused, (await venue.Emit(egress, CancellationToken.None)).Code);
    }

    /// <summary>Returns the payload to which the adapter translates an order of this submitter.</summary>
    private static string Sent(FixAdapter desk, string submitter)
    {
        byte[] order = Translated.ToEsf(
            new FixTranslator(FixProtocol.Fix44), Translated.Whole(FixProtocol.Fix44, "D", $"115={submitter}|{Order}"));
        EgressMessage egress = new();
        Assert.True(desk.TranslateEgress(new EsfMessage(EStreamOrder.Schema, order), egress).IsOk);
        return Frames.Text(egress.Payload.WrittenSpan);
    }

    private static FixMessageBuilder News() => new FixMessageBuilder("B").Add(148, "news").Add(33, 1).Add(58, "a line");

    private static Task<RunningAdapter> StartVenueAsync(AdapterRig rig) =>
        RunningAdapter.StartAsync(new FixAcceptorFactory().Create(rig.Context, AdapterRig.Settings()));

    private static async Task<RunningAdapter> LogOnAsync(AdapterRig rig, RunningAdapter venue)
    {
        RunningAdapter desk = await RunningAdapter.StartAsync(Desk(rig, venue.Adapter.LocalEndPoint!.Port));
        Eventually.True(() => desk.Adapter.Health.State == HealthState.Healthy, "the desk is logged on");
        return desk;
    }

    private static FixAdapter Desk(AdapterRig rig, int port, string? keys = null)
    {
        return new FixAdapter(
            new FixAdapterOptions
            {
                Initiator = new FixInitiatorOptions { Host = "127.0.0.1", Port = port },
                Sessions = [new FixAdapterSession(SessionRig.Options() with { SenderCompId = "DESK", TargetCompId = "VENUE" })],
                Egress = [new FixEgress("estream.trading.EStreamOrder", "VENUE") { KeyFolder = keys }],
            },
            rig.Context);
    }
}
