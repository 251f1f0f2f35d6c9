using static Estream.Wire.Mqtt.Tests.Rig.Samples;

namespace Estream.Wire.Mqtt.Tests.Rig;

/// <summary>Another writer that locks the telemetry queue: connections block inside Process until the thread that created this object
/// disposes it.</summary>
internal sealed class QueueHold : IDisposable
{
    private readonly IngressWriter _writer;

    public QueueHold(TestQueues queues)
    {
        IngressRoutes routes = new([TestQueues.JsonMapping], queues.Sinks);
        _writer = new IngressWriter(routes, queues.Context, new AdapterEventLog("hold", queues.Context.Clock, _ => { }));
        Assert.Equal(IngressStatus.Stored,
            _writer.Append(new WireMessage("devices/hold/telemetry"u8, System.Text.Encoding.UTF8.GetBytes(Json))));
    }

    public void Dispose()
    {
        _writer.Dispose();
    }
}
