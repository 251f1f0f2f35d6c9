using Estream.Core;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Map;
using Estream.Streams.Internal;

namespace Estream.Streams;

/// <summary>
/// Reads signals: the newest value of a key, whole, however slowly one reads and however fast others set it. Takes no lock and writes
/// nothing, so no writer notices. Allocates nothing.
/// </summary>
/// <typeparam name="TView">The generated view, such as <c>IoTTelemetry.View</c>.</typeparam>
/// <remarks>One thread at a time. Values in between are not seen: who needs each of them reads a queue.</remarks>
public sealed class EsfSignalReader<TView>
    where TView : struct, IEsfView<TView>, allows ref struct
{
    private readonly VersionedByteMap _map;
    private readonly IClock _clock;
    private readonly byte[] _buffer;

    /// <summary>Reads the signals that lie in a map, which stays the caller's to dispose.</summary>
    /// <param name="map">The map, usually by <see cref="VersionedByteMap.OpenReadOnly"/> and in another process than its writer.</param>
    /// <param name="maxLength">The most bytes a value may have, header included; at most 16 MiB.</param>
    /// <param name="clock">What waiting is measured by; that of the machine by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is out of range.</exception>
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
    /// <returns>Whether there is one.</returns>
    /// <exception cref="EstreamFormatException">The value is longer than this reader takes, or no message of the schema.</exception>
    /// <exception cref="EstreamCorruptionException">The stored bytes are not what was set.</exception>
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
                $"A signal of '{_map.Directory}' has {length} bytes, and this reader takes {_buffer.Length}. Give it the maxLength its "
                + "writer has.", _map.Directory);
        }

        signal = new EsfSignal<TView>(TView.Of(_buffer.AsSpan(0, length)), version);
        return true;
    }

    /// <summary>Reads the newest value of a key if it is another one than was seen. Looks at the version alone if not.</summary>
    /// <param name="key">The key.</param>
    /// <param name="seen">The version of the value that was seen last; 0 for none.</param>
    /// <param name="signal">The value; valid until the next read of this reader.</param>
    /// <returns>Whether there is a newer one.</returns>
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
    /// Waits for a newer value of a key: spins, yields, and then looks once a millisecond. The writer does not wake anybody, for that would
    /// make it pay for its readers.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="seen">The version of the value that was seen last; 0 for none.</param>
    /// <param name="signal">The value; valid until the next read of this reader.</param>
    /// <param name="timeout">The longest wait; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether there is a newer one; if not, the time is over.</returns>
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

/// <summary>The newest value of a signal: a copy in the reader's own memory, valid until its next read.</summary>
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

    /// <summary>Above 0; a newer value of the same key has a larger one.</summary>
    public long Version { get; }
}
