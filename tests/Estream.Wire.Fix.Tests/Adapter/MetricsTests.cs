using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Estream.Testing;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Adapter;

/// <summary>The metrics of a session as a listener observes them.</summary>
public class MetricsTests
{
    private const string Adapter = "venue-of-the-metrics-test";

    [Fact]
    public async Task Session_metrics_are_published_while_the_adapter_runs()
    {
        ConcurrentDictionary<string, long> values = new();
        using MeterListener listener = new() { InstrumentPublished = Enable };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep(values, instrument, value, tags));
        listener.Start();
        using AdapterRig venueRig = new(Adapter);
        using AdapterRig deskRig = new("desk");
        await using (RunningAdapter venue =
            await RunningAdapter.StartAsync(new FixAcceptorFactory().Create(venueRig.Context, AdapterRig.Settings())))
        {
            await using RunningAdapter desk = await RunningAdapter.StartAsync(Desk(deskRig, venue.Adapter.LocalEndPoint!.Port));
            Eventually.True(() => Observe(listener, values, "logged_on") == 1, "the venue has the desk logged on");
            Eventually.True(() => desk.Adapter.Sessions[0].IsLoggedOn, "and the desk has its answer");
            FixMessageBuilder unknown = new FixMessageBuilder("B").Add(148, "news").Add(33, 1).Add(58, "a line");
            Assert.Equal(FixSendStatus.Sent, desk.Adapter.Sessions[0].Send(unknown));

            Eventually.True(() => Observe(listener, values, "next_incoming") == 3, "the news are counted");
            Eventually.True(() => Observe(listener, values, "sent") == 2, "they are answered");
            listener.RecordObservableInstruments();   // once more: the answer may have gone out between two of the readings
            Assert.Equal(2, values["received"]);
            Assert.Equal(3, values["next_outgoing"]);
            Assert.Equal(1, values["logons"]);
            Assert.Equal(1, values["rejected/UnsupportedMessageType"]);
            Assert.Contains("no mapping covers this topic", Assert.Single(venueRig.Letters()), StringComparison.Ordinal);
            Assert.Equal(0, values["gaps"]);
        }

        values.Clear();
        Assert.Equal(0, Observe(listener, values, "received"));
        Assert.Empty(values);
    }

    private static FixAdapter Desk(AdapterRig rig, int port)
    {
        return new FixAdapter(
            new FixAdapterOptions
            {
                Initiator = new FixInitiatorOptions { Host = "127.0.0.1", Port = port },
                Sessions = [new FixAdapterSession(SessionRig.Options() with { SenderCompId = "DESK", TargetCompId = "VENUE" })],
            },
            rig.Context);
    }

    private static void Enable(Instrument instrument, MeterListener listener)
    {
        if (instrument.Meter.Name == "Estream")
        {
            listener.EnableMeasurementEvents(instrument);
        }
    }

    // Keeps the values of this adapter's only session, by the last part of the instrument name.
    private static void Keep(
        ConcurrentDictionary<string, long> values, Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        const string Prefix = "estream.fix.session.";
        bool isOfAdapter = false;
        bool isOfSession = false;
        string reason = "";
        foreach ((string key, object? tag) in tags)
        {
            isOfAdapter |= key == "adapter" && (string?)tag == Adapter;
            isOfSession |= key == "session" && (string?)tag == "VENUE-DESK";
            reason = key == "reason" ? $"/{tag}" : reason;
        }

        if (isOfAdapter && isOfSession && instrument.Name.StartsWith(Prefix, StringComparison.Ordinal))
        {
            values[instrument.Name[Prefix.Length..] + reason] = value;
        }
    }

    private static long Observe(MeterListener listener, ConcurrentDictionary<string, long> values, string name)
    {
        listener.RecordObservableInstruments();
        return values.GetValueOrDefault(name);
    }
}
