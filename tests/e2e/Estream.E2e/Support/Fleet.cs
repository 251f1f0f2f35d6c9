using System.Text;
using Estream.Wire.Mqtt;

namespace Estream.E2e;

/// <summary>Two hundred devices that publish over real MQTT until disposed.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    private const int DeviceCount = 200;
    private const int MessagesPerSecond = 400;

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;

    public Fleet(int mqttPort)
    {
        MqttPublisher publisher = new(
            new MqttPublisherOptions
            {
                Port = mqttPort,
                Connections = 2,
                Devices = DeviceCount,
                DeviceName = device => $"pump-{device}",
                MessagesPerSecond = MessagesPerSecond,
                Qos = MqttQos.AtLeastOnce,
                ClientIdPrefix = "e2e-fleet",
            },
            WriteReading);
        _run = publisher.RunAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }

    private static int WriteReading(Span<byte> destination, int device, long sequence)
    {
        long nanos = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000;
        return Encoding.UTF8.GetBytes(
            $$"""{"timestamp":{{nanos}},"metric_name":"flow","value":{{sequence}}.5,"unit":"l/min","quality":{{device % 101}}}""",
            destination);
    }
}
