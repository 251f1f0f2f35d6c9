using Estream.Wire.Mqtt.Internal;
using Estream.Wire.Mqtt.Tests.Rig;
using static Estream.Wire.Mqtt.Tests.Rig.Samples;

namespace Estream.Wire.Mqtt.Tests;

public class PacketPumpTests
{
    private static readonly PumpLimits s_limits = new(1024 * 1024, 1_024, 1_024, 32, IsFromServer: false);

    [Fact]
    public void A_large_packet_does_not_keep_its_memory()
    {
        using TestQueues queues = new();
        IngressWriter writer = new(
            new IngressRoutes([TestQueues.JsonMapping], queues.Sinks), queues.Context, new AdapterEventLog("pump", queues.Context.Clock, _ => { }));
        using PacketPump pump = new(s_limits, writer, new MqttCounters("pump"), (_, _) => default);
        string padded = Json + new string(' ', 500_000);
        byte[] packet = RawClient.Publishing(Topic, padded);

        pump.Process(Segments.Cut(packet, 100_000, 300_000));

        Assert.Equal([Stored], queues.ReadTelemetry());
        Assert.InRange(pump.Scratch.Capacity, 0, 64 * 1024);
    }
}
