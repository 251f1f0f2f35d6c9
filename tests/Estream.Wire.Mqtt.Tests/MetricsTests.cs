using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests;

public class MetricsTests
{
    private const string Adapter = "metrics-test";

    [Fact]
    public async Task Metrics_count_messages_and_connections()
    {
        ConcurrentDictionary<string, long> values = new();
        using MeterListener listener = new() { InstrumentPublished = (instrument, own) => Enable(instrument, own) };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep(values, instrument, value, tags));
        listener.Start();
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(name: Adapter);
        using RawClient client = endpoint.Connect();
        client.Publish("devices/a/telemetry", """{"timestamp":1,"metric_name":"m","value":1}""", MqttQos.AtLeastOnce, 1);
        client.ExpectAck(PacketType.PubAck, 1);
        client.Publish("devices/a/telemetry", "nonsense", MqttQos.AtLeastOnce, 2);
        client.ExpectAck(PacketType.PubAck, 2);

        Eventually.True(() => Observe(listener, values, "estream.mqtt.received") == 2, "both messages are counted");
        Assert.Equal(2, values["estream.mqtt.acked"]);
        Assert.Equal(1, values["estream.mqtt.connections"]);
        Assert.Equal(1, values["estream.mqtt.connections_opened"]);
        Assert.Equal(1, values["estream.ingress.dead_letters"]);
        Assert.InRange(values["estream.mqtt.bytes"], 50, 200);

        client.Send(0xC1, 0);
        client.ExpectDisconnect(MqttReasonCode.MalformedPacket);
        Eventually.True(() => Observe(listener, values, "estream.mqtt.connections") == 0, "the closed connection is no longer counted");
        Assert.Equal(1, values["estream.mqtt.rejected/MalformedPacket"]);
    }

    [Fact]
    public void Metric_shows_a_blocked_dead_letter_queue()
    {
        // A blocked dead-letter queue blocks connections like any other queue, so the metric must show the block.
        const string Name = "letters-of-the-metrics-test";
        ConcurrentDictionary<string, long> values = new();
        using MeterListener listener = new() { InstrumentPublished = Enable };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => KeepOf(values, Name, instrument, value, tags));
        listener.Start();
        FullStorage disk = new();
        using TempDirectory folder = new();
        using EstreamQueue queue = EstreamQueue.Open(folder.Combine(Name), new QueueOptions { SegmentBytes = 64 * 1024, Storage = disk });
        using IngressSinks sinks = new(queue, EsfSchemaSet.BuiltIn);
        Assert.True(sinks.DeadLetters.TryAppend(1, "test", new WireMessage("a"u8, "b"u8), "because"));
        Assert.Equal(1, Observe(listener, values, "estream.ingress.messages"));
        Assert.Equal(sinks.DeadLetters.Bytes, values["estream.ingress.bytes"]);
        Assert.Equal(0, values["estream.ingress.blocked"]);

        disk.IsFull = true;
        while (sinks.DeadLetters.TryAppend(1, "test", new WireMessage("a"u8, "b"u8), "because"))
        {
        }

        Assert.Equal(1, Observe(listener, values, "estream.ingress.blocked"));
    }

    [Fact]
    public async Task Gauges_show_sessions_subscriptions_and_backlog()
    {
        const string Name = "figures-of-the-metrics-test";
        ConcurrentDictionary<string, long> values = new();
        using MeterListener listener = new() { InstrumentPublished = Enable };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => KeepFigure(values, Name, instrument, value, tags));
        listener.Start();
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(new TestQueues(name: Name));
        using Subscribing client = endpoint.Connect("client");
        client.Subscribe("a", qos: 1);
        client.Subscribe("$share/g/a", qos: 1);
        using (Subscribing away = endpoint.Resume("away"))
        {
            away.Subscribe("a", qos: 1);
        }

        endpoint.AwaitConnections(1);
        using Subscribing publisher = endpoint.Connect("publisher");
        publisher.Publish("a", "1");
        publisher.Publish("a", "2");
        Assert.Equal(4, Enumerable.Range(0, 4).Select(_ => client.Take().PacketId).Distinct().Count());

        Assert.Equal(2, Observe(listener, values, "estream.mqtt.sessions/connected"));
        Assert.Equal(1, values["estream.mqtt.sessions/absent"]);
        Assert.Equal(3, values["estream.mqtt.subscriptions"]);
        Assert.Equal(1, values["estream.mqtt.groups"]);
        Assert.Equal(4, values["estream.mqtt.under_way"]);
        Assert.InRange(values["estream.mqtt.backlog"], 1, 10_000);
    }

    [Fact]
    public async Task Client_metrics_exist_from_start_to_dispose()
    {
        // An update creates the next version of a component under the same name while the previous one is running. The zeros of the new
        // version would replace the counts of the running version.
        const string Name = "client-of-the-metrics-test";
        ConcurrentDictionary<string, long> values = new();
        using MeterListener listener = new() { InstrumentPublished = Enable };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => KeepFigure(values, Name, instrument, value, tags));
        listener.Start();
        using TestQueues queues = new(name: Name);
        MqttClient client = new(TestClient.Options(port: 1), [TestQueues.JsonMapping], queues.Context);
        Observe(listener, values, "estream.mqtt.received");
        Assert.Empty(values);

        await client.StartAsync(CancellationToken.None);
        Observe(listener, values, "estream.mqtt.received");
        Assert.Contains("estream.mqtt.received", values.Keys);

        await client.DisposeAsync();
        values.Clear();
        Observe(listener, values, "estream.mqtt.received");
        Assert.Empty(values);
    }

    private static void KeepFigure(
        ConcurrentDictionary<string, long> values, string adapter, Instrument instrument, long value,
        ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        bool isOurs = false;
        string name = instrument.Name;
        foreach ((string key, object? tag) in tags)
        {
            isOurs |= key == "adapter" && (string?)tag == adapter;
            name = key == "state" ? $"{name}/{tag}" : name;
        }

        if (isOurs)
        {
            values[name] = value;
        }
    }

    private static void KeepOf(
        ConcurrentDictionary<string, long> values, string queue, Instrument instrument, long value,
        ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length == 1 && tags[0].Key == "queue" && (string?)tags[0].Value == queue)
        {
            values[instrument.Name] = value;
        }
    }

    private static void Enable(Instrument instrument, MeterListener listener)
    {
        if (instrument.Meter.Name == "Estream")
        {
            listener.EnableMeasurementEvents(instrument);
        }
    }

    private static void Keep(
        ConcurrentDictionary<string, long> values, Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        bool isOurs = false;
        string name = instrument.Name;
        foreach ((string key, object? tag) in tags)
        {
            isOurs |= key == "adapter" && (string?)tag == Adapter;
            name = key == "reason" && instrument.IsObservable ? $"{name}/{tag}" : name;
        }

        if (isOurs)
        {
            values[name] = instrument.IsObservable ? value : values.GetValueOrDefault(name) + value;
        }
    }

    private static long Observe(MeterListener listener, ConcurrentDictionary<string, long> values, string name)
    {
        listener.RecordObservableInstruments();
        return values.GetValueOrDefault(name);
    }
}
