using Estream.Core;
using Estream.Fix;
using Estream.Testing;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Adapter;

/// <summary>Goal: an operator sees the sessions of an adapter with their numbers, and why messages were refused; and can pause the
/// adapter.</summary>
public sealed class SessionTableTests
{
    private readonly IngressControl _control = new();

    [Fact]
    public async Task A_session_has_its_state_address_and_sequence_numbers()
    {
        using AdapterRig venueRig = new("venue");
        using AdapterRig deskRig = new("desk");
        await using RunningAdapter venue = await RunningAdapter.StartAsync(
            new FixAcceptorFactory().Create(venueRig.Context, AdapterRig.Settings()));
        Assert.Equal("disconnected", Row(venue)["state"].Text);
        Assert.Equal((1, 1, null), (Row(venue)["nextIn"].Number, Row(venue)["nextOut"].Number, Row(venue)["lastReceivedAt"].Number));

        await using RunningAdapter desk = await RunningAdapter.StartAsync(Desk(deskRig, venue.Adapter.LocalEndPoint!.Port));
        Eventually.True(() => Row(venue)["state"].Text == "logged on", "the desk is logged on");

        Dictionary<string, AdapterCell> row = Row(venue);
        Assert.Equal(("DESK", "VENUE", "FIX.4.4"), (row["targetCompId"].Text, row["senderCompId"].Text, row["version"].Text));
        Assert.StartsWith("127.0.0.1:", row["address"].Text, StringComparison.Ordinal);
        Assert.Equal((2, 2), (row["nextIn"].Number, row["nextOut"].Number));
        Assert.InRange(row["lastReceivedAt"].Number!.Value, 1_577_836_800_000, long.MaxValue);
        Assert.Null(row["resend"].Text);
        Eventually.True(() => Row(desk)["state"].Text == "logged on", "the session of the desk, too");
    }

    [Fact]
    public async Task A_paused_adapter_holds_messages_and_takes_them_when_it_resumes()
    {
        using AdapterRig venueRig = new("venue");
        using AdapterRig deskRig = new("desk");
        AdapterContext context = venueRig.Context with { Ingress = venueRig.Sinks.For(static _ => true, _control) };
        await using RunningAdapter venue = await RunningAdapter.StartAsync(new FixAcceptorFactory().Create(context, AdapterRig.Settings()));
        await using RunningAdapter desk = await RunningAdapter.StartAsync(Desk(deskRig, venue.Adapter.LocalEndPoint!.Port));
        Eventually.True(() => desk.Adapter.Health.State == HealthState.Healthy, "the desk is logged on");
        _control.Pause(PauseReason.Operator, new EstreamStorageException("Paused.", null, StorageFailure.Other));

        // An unmapped type, whose dead letter would be dropped if the disk were full.
        Assert.Equal(FixSendStatus.Sent, desk.Adapter.Sessions[0].Send(new FixMessageBuilder("V").Add(262, "r").Add(263, "0").Add(264, 0)
            .Add(267, 1).Add(269, "0").Add(146, 1).Add(55, "EURUSD")));
        Eventually.True(() => Row(venue)["state"].Text == "blocked", "the session waits");
        Assert.Equal((0, 2), (venue.Adapter.Statistics.RejectedTotal, Row(venue)["nextIn"].Number));

        _control.Resume(PauseReason.Operator);
        Eventually.True(() => Row(venue)["nextIn"].Number == 3, "the message counts");
        AdapterRejection only = Assert.Single(context.Rejections.ToList());
        Assert.Equal((1, 0), (only.Count, only.LastSequence));
    }

    private static Dictionary<string, AdapterCell> Row(RunningAdapter run)
    {
        AdapterTable table = Assert.Single(run.Adapter.Tables);
        IReadOnlyList<AdapterCell> row = Assert.Single(table.Read(new AdapterTableRequest("", 10, null)).Rows);
        return table.Columns.Zip(row).ToDictionary(pair => pair.First.Name, pair => pair.Second);
    }

    private static FixAdapter Desk(AdapterRig rig, int port) => new(
        new FixAdapterOptions
        {
            Initiator = new FixInitiatorOptions { Host = "127.0.0.1", Port = port },
            Sessions = [new FixAdapterSession(SessionRig.Options() with { SenderCompId = "DESK", TargetCompId = "VENUE" })],
            Egress = [new FixEgress("estream.trading.EStreamOrder", "VENUE")],
        },
        rig.Context);
}
