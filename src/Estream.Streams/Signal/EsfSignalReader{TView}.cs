using Estream.Core;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Map;
using Estream.Streams.Internal;

namespace Estream.Streams;

/// <summary>
/// Reads signals: the newest value of a key, always complete, however slow the reader and however fast the writer. Takes no lock and writes
/// nothing, so it does not affect writers. Allocates nothing.
/// </summary>
/// <typeparam name="TView">The generated view, such as <c>IoTTelemetry.View</c>.</typeparam>
/// <remarks>Not thread-safe: use it on one thread at a time. Intermediate values are not seen; to receive every value, use a
/// queue.</remarks>
public sealed class EsfSignalReader<TView>
    where TView : struct, IEsfView<TView>, allows ref struct
{
    private readonly VersionedByteMap _map;
    private readonly IClock _clock;
    private readonly byte[] _buffer;

    /// <summary>Creates a reader of the signals in a map. The caller still disposes the map.</summary>
    /// <param name="map">The map, usually opened with <see cref="VersionedByteMap.OpenReadOnly"/> and in another process than its
    /// writer.</param>
    /// <param name="maxLength">The maximum length of a value in bytes, header included; at most 16 MiB.</param>
    /// <param name="clock">The clock for timeouts; the system clock by default.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxLength"/> is out of range.</exception>
    /// <exception cref="InvalidOperationException">The schema declares another pattern.</exception>
    public EsfSignalReader(VersionedByteMap map, int maxLength, IClock? clock = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        _buffer = new byte[SignalLimits.Checked(maxLength)];
        SchemaDeclarations.Require(TView.Schema, StreamPattern.Signal);
        _map = map;
        _clock = clock ?? SystemClock.Instance;
    }

    /// <summary>Reads the newest value of a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="signal">The value; valid until the next read of this reader.</param>
    /// <returns>True if the key has a value.</returns>
    /// <exception cref="EstreamFormatException">The value is longer than this reader's maximum, or is not a message of the
    /// schema.</exception>
    /// <exception cref="EstreamCorruptionException">The stored bytes are damaged.</exception>
    public bool TryRead(ReadOnlySpan<byte> key, out EsfSignal<TView> signal)
    {
        Status status = _map.TryGet(key, _buffer, out int length, out long version);
        if (status.IsNotFound)
        {
            signal = default;
            return false;
        }

        if (status.IsFull)
        {
            throw new EstreamFormatException(
                $"A signal of '{_map.Directory}' has {length} bytes, but this reader's maximum is {_buffer.Length}. Use the maxLength of "
                + "its writer.", _map.Directory);
        }

        signal = new EsfSignal<TView>(TView.Of(_buffer.AsSpan(0, length)), version);
        return true;
    }

    /// <summary>Reads the newest value of a key if it is newer than the version last seen. Otherwise reads only the version.</summary>
    /// <param name="key">The key.</param>
    /// <param name="seen">The version of the value last seen; 0 for none.</param>
    /// <param name="signal">The value; valid until the next read of this reader.</param>
    /// <returns>True if there is a newer value.</returns>
    /// <inheritdoc cref="TryRead" path="/exception"/>
    public bool TryReadNewer(ReadOnlySpan<byte> key, long seen, out EsfSignal<TView> signal)
    {
        if (_map.TryGetVersion(key, out long version, out _) && version > seen)
        {
            return TryRead(key, out signal);
        }

        signal = default;
        return false;
    }

    /// <summary>
    /// Waits for a newer value of a key: spins, yields, and then polls once per millisecond. The writer does not wake readers, so that its
    /// cost does not depend on them.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="seen">The version of the value last seen; 0 for none.</param>
    /// <param name="signal">The value; valid until the next read of this reader.</param>
    /// <param name="timeout">The maximum wait; <see cref="Timeout.InfiniteTimeSpan"/> to wait forever.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>True if there is a newer value; false on timeout.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <inheritdoc cref="TryRead" path="/exception"/>
    public bool TryReadNewer(ReadOnlySpan<byte> key, long seen, out EsfSignal<TView> signal, TimeSpan timeout,
        CancellationToken cancellationToken = default)
    {
        bool isEndless = timeout == Timeout.InfiniteTimeSpan;
        if (!isEndless)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        }

        long begun = _clock.MonotonicNanos;
        IdleStrategy idle = IdleStrategy.Backoff();
        while (!TryReadNewer(key, seen, out signal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!isEndless && (_clock.MonotonicNanos - begun) / TimeSpan.NanosecondsPerTick >= timeout.Ticks)
            {
                return false;
            }

            idle.Idle(0);
        }

        return true;
    }
}

/// <summary>The newest value of a signal: a copy in the reader's memory, valid until its next read.</summary>
/// <typeparam name="TView">The generated view.</typeparam>
public readonly ref struct EsfSignal<TView>
    where TView : struct, IEsfView<TView>, allows ref struct
{
    internal EsfSignal(TView view, long version)
    {
        View = view;
        Version = version;
    }

    /// <summary>The fields of the value.</summary>
    public TView View { get; }

    /// <summary>The version of the value, above 0; newer values of the same key have higher versions.</summary>
    public long Version { get; }
}
