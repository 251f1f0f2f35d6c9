using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Map;
using Estream.Streams.Internal;

namespace Estream.Streams;

/// <summary>
/// Sets signals: the newest message of each key, which any number of processes read. A value that nobody has read is replaced like any other,
/// so setting never waits, and costs the same whether nobody reads or a thousand do. Allocates nothing for a value, and a little where the map goes on to another segment.
/// </summary>
/// <typeparam name="TWriter">The generated writer, such as <c>IoTTelemetry.Writer</c>.</typeparam>
/// <remarks>
/// One thread at a time. Readers never write, so there is nothing by which they could hold the writer up. What was set survives the death of
/// the process. <see cref="Begin"/> a value, set its fields, <see cref="Set"/> it.
/// </remarks>
public sealed class EsfSignalWriter<TWriter>
    where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
{
    private readonly VersionedByteMap _map;
    private readonly byte[] _buffer;

    /// <summary>Sets the signals that lie in a map, which stays the caller's to dispose.</summary>
    /// <param name="map">The map, open for writing. It may hold signals of several schemas, with keys of their own.</param>
    /// <param name="maxLength">The most bytes a value may have, header included; at most 16 MiB.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is out of range.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only, or the schema declares another pattern.</exception>
    public EsfSignalWriter(VersionedByteMap map, int maxLength)
    {
        ArgumentNullException.ThrowIfNull(map);
        _buffer = new byte[SignalLimits.Checked(maxLength)];
        Declared.Require(TWriter.Schema, StreamPattern.Signal);
        _map = !map.IsReadOnly ? map : throw new InvalidOperationException($"The map '{map.Directory}' was opened read-only. Use VersionedByteMap.Open.");
    }

    /// <summary>Starts a value; what is not set stays absent or zero. Called again, it starts anew.</summary>
    /// <exception cref="ArgumentException">The shortest message of the schema is longer than the most bytes a value may have.</exception>
    public TWriter Begin() => TWriter.Begin(_buffer);

    /// <summary>Makes what was written the value of a key. Readers see it from now on, whole.</summary>
    /// <param name="key">0 to <see cref="ByteMap.MaxKeyBytes"/> bytes.</param>
    /// <param name="writer">What <see cref="Begin"/> returned, with every required field set.</param>
    /// <returns>Its version.</returns>
    /// <exception cref="ArgumentException">It is a writer of something else, or the key is too long.</exception>
    /// <exception cref="Core.EstreamStorageException">The map needs space and the disk is full. The value before is still there.</exception>
    public long Set(ReadOnlySpan<byte> key, scoped in TWriter writer) => _map.Put(key, _buffer.AsSpan(0, Message.LengthOf(in writer, _buffer)));

    /// <summary>Takes a signal away.</summary>
    /// <param name="key">Its key.</param>
    /// <returns>Whether it was there.</returns>
    public bool Remove(ReadOnlySpan<byte> key) => _map.Remove(key);
}
