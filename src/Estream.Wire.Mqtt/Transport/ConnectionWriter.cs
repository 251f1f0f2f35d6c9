using Estream.Core;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>
/// The sending half of a connection of the endpoint: answers and deliveries take turns, and nothing follows the goodbye [MQTT-3.14.4-1].
/// Thread-safe.
/// </summary>
internal sealed class ConnectionWriter(Stream stream, IClock clock) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);

    // Whoever holds the gate reads and writes it.
    private bool _isOver;
    private long _writingSince;

    /// <summary>What is written to; replaced before the first write where the connection is secured.</summary>
    public Stream Stream { get; set; } = stream;

    /// <summary>Since when the peer has taken nothing of what is being written, in monotonic nanoseconds; 0 while nothing is.</summary>
    public long WritingSince => Volatile.Read(ref _writingSince);

    /// <exception cref="IOException">The connection is lost, or we have said goodbye.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> packets)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_isOver)
            {
                throw new IOException("we have said goodbye");
            }

            Volatile.Write(ref _writingSince, clock.MonotonicNanos);
            await Stream.WriteAsync(packets).ConfigureAwait(false);
            Volatile.Write(ref _writingSince, 0);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Writes the last packet of the connection; none where it is empty.</summary>
    /// <exception cref="IOException">The connection is lost.</exception>
    /// <exception cref="OperationCanceledException">The peer does not take it, or not even what comes before it, in time.</exception>
    public async ValueTask WriteLastAsync(ReadOnlyMemory<byte> packet, CancellationToken limit)
    {
        await _gate.WaitAsync(limit).ConfigureAwait(false);
        try
        {
            _isOver = true;
            if (!packet.IsEmpty)
            {
                await Stream.WriteAsync(packet, limit).ConfigureAwait(false);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        _gate.Dispose();
    }
}
