using System.Globalization;
using System.Text;
using Estream.Testing;
using Estream.Wire;
using Estream.Wire.Mqtt;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Publishes at QoS 1 from many devices; each message carries its own number, and every number the host acknowledges
/// is written down.
/// </summary>
internal sealed class AcknowledgedLoad : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly MqttPublisher _publisher;
    private readonly string _prefix;
    private readonly Func<long, long>? _timeOf;
    private readonly List<long>[] _acknowledged;
    private readonly Task _run;

    /// <param name="port">Where the host listens.</param>
    /// <param name="prefix">Begins the names of the devices.</param>
    /// <param name="devices">How many devices there are.</param>
    /// <param name="messagesPerSecond">0 for as fast as the host takes them.</param>
    /// <param name="reconnect">Whether unacknowledged messages are sent again after a loss.</param>
    /// <param name="maxMessages">0 to go on until stopped.</param>
    /// <param name="timeOf">The timestamp of a device's message with a number; the number where nothing is said.</param>
    /// <param name="host">The machine it listens on.</param>
    /// <param name="user">The user of all devices, and its password; none by default.</param>
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

    /// <summary>Completes when the load has ended, for whatever reason.</summary>
    public Task Completion => _run;

    /// <summary>Fails unless everything acknowledged is in the queue, in the order it was sent.</summary>
    /// <param name="replay">The queue, read to its end.</param>
    /// <param name="mayRepeat">Whether messages may have been sent again, and so stand twice in the queue.</param>
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

            // A device numbers its messages 0, 1, 2, … so without repetition the queue holds exactly the first ones.
            Assert.Equal(Enumerable.Range(0, distinct.Count).Select(i => (long)i), stored.Distinct());
            Assert.True(mayRepeat || stored.Count == distinct.Count, $"{NameOf(device)}: a message stands twice in the queue");
        }
    }

    /// <summary>Kills the host under the load, some time after the first message was acknowledged, so that every kill has something to
    /// lose, and ends the load.</summary>
    public async Task KillAsync(HostProcess host, int milliseconds)
    {
        await Eventually.TrueAsync(() => Task.FromResult(Acknowledged > 0 || Completion.IsCompleted), "the first message is acknowledged");
        await Task.Delay(milliseconds);
        host.Kill();
        await DisposeAsync();
    }

    /// <summary>Ends the load; what was acknowledged until then stays written down.</summary>
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
            // The host was killed under the load, which is what these tests are about.
        }
    }
}
