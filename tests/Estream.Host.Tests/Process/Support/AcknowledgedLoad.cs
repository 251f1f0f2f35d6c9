using System.Globalization;
using System.Text;
using Estream.Testing;
using Estream.Wire;
using Estream.Wire.Mqtt;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Publishes with QoS 1 from many devices. Each message has its own number, and every number that the host acknowledges is recorded.
/// </summary>
internal sealed class AcknowledgedLoad : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly MqttPublisher _publisher;
    private readonly string _prefix;
    private readonly Func<long, long>? _timeOf;
    private readonly List<long>[] _acknowledged;
    private readonly Task _run;

    /// <param name="port">The port of the host.</param>
    /// <param name="prefix">The prefix of the device names.</param>
    /// <param name="devices">The number of devices.</param>
    /// <param name="messagesPerSecond">0 for the highest rate that the host accepts.</param>
    /// <param name="reconnect">Whether unacknowledged messages are sent again after a loss.</param>
    /// <param name="maxMessages">0 to continue until stopped.</param>
    /// <param name="timeOf">The timestamp for the message number of a device; by default the number.</param>
    /// <param name="host">The machine of the host.</param>
    /// <param name="user">The user name and password of all devices; none by default.</param>
    public AcknowledgedLoad(int port, string prefix, int devices, double messagesPerSecond = 0, bool reconnect = false,
        long maxMessages = 0, Func<long, long>? timeOf = null, string host = "127.0.0.1", (string Name, string Password)? user = null)
    {
        _prefix = prefix;
        _timeOf = timeOf;
        _acknowledged = [.. Enumerable.Range(0, devices).Select(_ => new List<long>())];
        _publisher = new MqttPublisher(
            new MqttPublisherOptions
            {
                Host = host,
                Port = port,
                UserName = user?.Name,
                Password = user?.Password,
                ClientIdPrefix = prefix,
                Qos = MqttQos.AtLeastOnce,
                Connections = 2,
                Devices = devices,
                DeviceName = NameOf,
                MessagesPerSecond = messagesPerSecond,
                MaxMessages = maxMessages,
                Window = 64,
                Reconnect = reconnect,
                Acknowledged = (device, sequence) =>
                {
                    lock (_acknowledged[device])
                    {
                        _acknowledged[device].Add(sequence);
                    }
                },
            },
            WritePayload);
        _run = Task.Run(RunAsync);
    }

    /// <summary>Messages the host has acknowledged.</summary>
    public long Acknowledged => _publisher.Acknowledged;

    /// <summary>Messages handed to the socket.</summary>
    public long Sent => _publisher.Sent;

    /// <summary>Completes when the load has ended for any reason.</summary>
    public Task Completion => _run;

    /// <summary>Fails unless all acknowledged messages are in the queue, in the order of sending.</summary>
    /// <param name="replay">The queue, read to its end.</param>
    /// <param name="mayRepeat">Whether messages may have been sent again, and so be twice in the queue.</param>
    public void AssertStored(QueueReplay replay, bool mayRepeat = false)
    {
        for (int device = 0; device < _acknowledged.Length; device++)
        {
            IReadOnlyList<long> stored = replay.ValuesOf(NameOf(device));
            HashSet<long> distinct = [.. stored];
            lock (_acknowledged[device])
            {
                long[] lost = [.. _acknowledged[device].Where(sequence => !distinct.Contains(sequence))];
                Assert.True(lost.Length == 0, $"{NameOf(device)}: acknowledged and lost: {string.Join(", ", lost.Take(10))}");
            }

            // A device numbers its messages 0, 1, 2, …, so the distinct numbers in the queue must start at 0 and have no gap.
            Assert.Equal(Enumerable.Range(0, distinct.Count).Select(i => (long)i), stored.Distinct());
            Assert.True(mayRepeat || stored.Count == distinct.Count, $"{NameOf(device)}: a message stands twice in the queue");
        }
    }

    /// <summary>Kills the host under load, some time after the first acknowledgement, so that every crash could lose a message, and ends
    /// the load.</summary>
    public async Task KillAsync(HostProcess host, int milliseconds)
    {
        await Eventually.TrueAsync(() => Task.FromResult(Acknowledged > 0 || Completion.IsCompleted), "the first message is acknowledged");
        await Task.Delay(milliseconds);
        host.Kill();
        await DisposeAsync();
    }

    /// <summary>Ends the load and keeps the record of acknowledged messages.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _run;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private int WritePayload(Span<byte> destination, int device, long sequence)
    {
        string json = string.Create(CultureInfo.InvariantCulture,
            $$"""{"timestamp":{{_timeOf?.Invoke(sequence) ?? sequence}},"metric_name":"m","value":{{sequence}}}""");
        return Encoding.UTF8.GetBytes(json, destination);
    }

    private string NameOf(int device) => string.Create(CultureInfo.InvariantCulture, $"{_prefix}-{device}");

    private async Task RunAsync()
    {
        try
        {
            await _publisher.RunAsync(_stop.Token);
        }
        catch (Exception e) when (e is WireConnectionException or OperationCanceledException)
        {
            // Expected: the test has killed the host or stopped the load.
        }
    }
}
