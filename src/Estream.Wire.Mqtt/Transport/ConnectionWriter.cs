using Estream.Core;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>
/// Writes to a connection of the endpoint. Serializes acknowledgements and deliveries, and writes nothing after the last packet
/// [MQTT-3.14.4-1]. Thread-safe.
/// </summary>
internal sealed class ConnectionWriter(Stream stream, IClock clock) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);

    // Guarded by _gate.
    private bool _isOver;
    private long _writingSince;

    /// <summary>The stream to write to. If the connection uses TLS, the TLS stream replaces it before the first write.</summary>
    public Stream Stream { get; set; } = stream;

    /// <summary>When the write in progress started, in monotonic nanoseconds; 0 if none is in progress.</summary>
    public long WritingSince => Volatile.Read(ref _writingSince);

    /// <exception cref="IOException">The connection is lost, or the last packet was already written.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> packets)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_isOver)
            {
                throw new IOException("the last packet of this connection was already sent");
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

    /// <summary>Writes the last packet of the connection. If it is empty, writes nothing and only prevents further writes.</summary>
    /// <exception cref="IOException">The connection is lost.</exception>
    /// <exception cref="OperationCanceledException">The peer did not accept the packet, or the packets before it, in time.</exception>
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
