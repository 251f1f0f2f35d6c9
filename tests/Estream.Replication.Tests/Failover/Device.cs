using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Estream.Wire.Mqtt;

namespace Estream.Replication.Tests.Failover;

/// <summary>Devices that publish telemetry over MQTT at QoS 1, and send a message again until it is acknowledged. Each message names
/// itself in its field <c>metric_name</c>.</summary>
internal sealed class Device : IAsyncDisposable
{
    public const int Window = 64;

    private readonly CancellationTokenSource _stop = new(TimeSpan.FromMinutes(3));
    private readonly Task _run;

    public Device(
        int port, int messages, int perSecond = 0, int number = 0, Action<ConcurrentDictionary<string, long>>? acknowledged = null)
    {
        MqttPublisher publisher = new(
            new MqttPublisherOptions
            {
                Port = port,
                Qos = MqttQos.AtLeastOnce,
                Connections = 1,
                Devices = 1,
                DeviceName = _ => $"device-{number}",
                MaxMessages = messages,
                MessagesPerSecond = perSecond,
                Window = Window,
                Acknowledged = (_, sequence) =>
                {
                    Acknowledged[NameOf(number, sequence)] = Environment.TickCount64;
                    acknowledged?.Invoke(Acknowledged);
                },
            },
            (destination, _, sequence) => Encoding.UTF8.GetBytes(
                string.Create(CultureInfo.InvariantCulture,
                    $$"""{"timestamp":{{sequence}},"metric_name":"{{NameOf(number, sequence)}}","value":{{sequence}}}"""),
                destination));
        _run = publisher.RunAsync(_stop.Token);
    }

    /// <summary>The acknowledged messages, with the time of their acknowledgement in milliseconds.</summary>
    public ConcurrentDictionary<string, long> Acknowledged { get; } = new(StringComparer.Ordinal);

    /// <summary>Completes when all messages are acknowledged.</summary>
    public Task Completion => _run;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private static string NameOf(int number, long sequence) => string.Create(CultureInfo.InvariantCulture, $"m{number}-{sequence}.");
}
