using Estream.Core;
using Estream.Wire.Dnp3.Codec;
using Estream.Wire.Dnp3.Session;

namespace Estream.Wire.Dnp3;

/// <summary>Reads the points of an outstation once, without a host.</summary>
public static class Dnp3Poll
{
    /// <summary>Connects, reads classes, and closes the connection. Outstations delete the events that a poll confirms, so read class 0 to
    /// leave the events to the master in charge.</summary>
    /// <param name="device">The outstation; intervals, time synchronization and unsolicited classes are not used.</param>
    /// <param name="classes">What to read.</param>
    /// <param name="cancellation">Ends the poll.</param>
    /// <returns>The measurements in the order of the response.</returns>
    /// <exception cref="WireConnectionException">The outstation cannot be reached, does not answer in time, or refuses the
    /// poll.</exception>
    /// <exception cref="WireConfigurationException">A file of the TLS options is missing or invalid.</exception>
    /// <exception cref="OperationCanceledException">The poll was cancelled.</exception>
    public static async Task<IReadOnlyList<Dnp3Measurement>> ReadAsync(
        Dnp3DeviceOptions device, Dnp3Classes classes, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentOutOfRangeException.ThrowIfEqual((int)(classes & Dnp3Classes.All), 0, nameof(classes));
        Collector collector = new(device);
        MasterSession session = new(
            device with
            {
                SinglePoll = classes & Dnp3Classes.All,
                IntegrityEveryMs = 0,
                Class1EveryMs = 0,
                Class2EveryMs = 0,
                Class3EveryMs = 0,
            },
            SystemClock.Instance, collector, Random.Shared);
        TimeSpan wait = TimeSpan.FromSeconds(1);
        MasterChannel channel = new(
            device.Endpoint, [session], SystemClock.Instance, collector, collector, new Backoff(wait, wait, Random.Shared));
        await using (channel.ConfigureAwait(false))
        {
            using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            Task running = channel.RunAsync(stop.Token);
            try
            {
                await collector.End.WaitAsync(cancellation).ConfigureAwait(false);
                return collector.Measurements;
            }
            finally
            {
                await stop.CancelAsync().ConfigureAwait(false);
                await running.ConfigureAwait(false);
            }
        }
    }

    /// <summary>Collects the measurements, and ends the poll at its completion or at the first failure.</summary>
    private sealed class Collector(Dnp3DeviceOptions device) : IMeasurementStore, IChannelObserver, ISessionObserver
    {
        private const int MaxMeasurements = 1_000_000;

        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<Dnp3Measurement> _measurements = [];

        public Task End => _end.Task;

        public IReadOnlyList<Dnp3Measurement> Measurements => _measurements;

        public bool TryStore(MasterSession session, ReadOnlySpan<byte> fragment)
        {
            ApplicationHeader.TryRead(fragment, out ApplicationHeader header);
            MeasurementReader reader = new(fragment[header.Length..], (header.Indications & Indications.NeedTime) == 0);
            while (_measurements.Count < MaxMeasurements && reader.MoveNext())
            {
                _measurements.Add(reader.Current);
            }

            return true;
        }

        public ValueTask WaitDurableAsync(CancellationToken cancellation) => default;

        public void Reset() => _measurements.Clear();

        public void OnConnected(MasterChannel channel, bool isAgain)
        {
        }

        public void OnConnectFailed(MasterChannel channel, Exception failure) => _end.TrySetException(failure);

        public void OnDisconnected(MasterChannel channel, string reason) => Fail(reason);

        public void OnBlocked()
        {
        }

        public void OnSynchronized(MasterSession session) => _end.TrySetResult();

        public void OnEvent(MasterSession session, SessionEvent kind, string reason) => Fail(reason);

        private void Fail(string reason) => _end.TrySetException(new WireConnectionException(
            $"{device.Endpoint.Describe()} did not answer the poll: {reason}. Check the link addresses: master {device.MasterAddress}, "
            + $"outstation {device.OutstationAddress}.",
            isTransient: true));
    }
}
