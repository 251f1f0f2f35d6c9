using System.Globalization;
using System.Text;
using Estream.Map;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>
/// The time from just before an MQTT message is written to its socket until another process reads it from the map of the host. Each message
/// is timed. A message that becomes visible while an earlier message is awaited counts with the time at which it is looked for.
/// </summary>
internal sealed class SocketToMapContender : IContender
{
    private const long NanosPerSecond = 1_000_000_000;
    private const long LimitNanos = 60 * NanosPerSecond;

    private readonly int _perSecond;
    private readonly HostProcess _host;
    private readonly MqttSenders _senders;
    private readonly StateMap<Utf8Key64, LatestEntry> _map;
    private readonly Utf8Key64[] _keys = [.. Enumerable.Range(0, MqttWorkload.Devices).Select(KeyOf)];

    // The position of the last message of each device, and the time at which the next was sent.
    private readonly long[] _positions = new long[MqttWorkload.Devices];
    private readonly long[] _sent = new long[MqttWorkload.Devices];
    private readonly Samples _samples;

    public SocketToMapContender(ContenderContext context, int perSecond)
    {
        _perSecond = perSecond;
        _samples = new Samples(context.Size.Of(5 * perSecond, perSecond / 10));
        Array.Fill(_positions, -1);
        _host = new HostProcess(context.Directory);
        _senders = new MqttSenders(_host.Port);
        _map = StateMap.OpenReadOnly<Utf8Key64, LatestEntry>(Path.Combine(context.Directory, "maps", "latest"));
    }

    public RunResult Run()
    {
        long start = Samples.Now();
        int seen = 0;
        while (seen < _samples.Count)
        {
            long passed = Samples.Now() - start;
            int due = (int)Math.Min(_samples.Count, Math.Min(seen + MqttWorkload.Devices, passed * _perSecond / NanosPerSecond));
            for (int number = seen; number < due; number++)
            {
                _sent[number % MqttWorkload.Devices] = Samples.Now();
                _senders.Send(number);
            }

            for (; seen < due; seen++)
            {
                AwaitInMap(seen);
            }

            Thread.Sleep(1);
        }

        _host.Await(_samples.Count);
        _host.RequireWhole();
        return _samples.Round((ulong)_samples.Count);
    }

    public void Dispose()
    {
        _map.Dispose();
        _senders.Dispose();
        _host.Dispose();
    }

    private static Utf8Key64 KeyOf(int device)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"device-{device:0000}");
        return Utf8Key64.TryCreate(Encoding.ASCII.GetBytes(name), out Utf8Key64 key)
            ? key
            : throw new ScenarioException($"'{name}' is too long for a key");
    }

    private void AwaitInMap(int number)
    {
        int device = number % MqttWorkload.Devices;
        while (true)
        {
            bool isNew = _map.TryGet(in _keys[device], out LatestEntry entry) && entry.Position > _positions[device];
            long now = Samples.Now();
            if (isNew)
            {
                _samples.Set(number, _sent[device], now);
                _positions[device] = entry.Position;
                return;
            }

            if (now - _sent[device] > LimitNanos)
            {
                throw new ScenarioException($"message {number} is not in the map after {LimitNanos / NanosPerSecond} s");
            }

            // The kernel wakes the host on the processor of this thread, because it expects the sender to wait. Without the yield, this
            // thread could keep the processor for a whole time slice.
            _ = Thread.Yield();
        }
    }
}
