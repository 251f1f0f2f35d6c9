using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Map;
using Estream.Streams.Internal;

namespace Estream.Streams;

/// <summary>
/// Sets signals: the newest message of each key, which any number of processes read. A value that nobody has read is replaced like any
/// other, so setting never waits, and costs the same whether nobody reads or a thousand do. Allocates nothing for a value, and a little
/// where the map goes on to another segment.
/// </summary>
/// <typeparam name="TWriter">The generated writer, such as <c>IoTTelemetry.Writer</c>.</typeparam>
/// <remarks>
/// One thread at a time. Readers never write, so there is nothing by which they could hold the writer up. What was set survives the death
/// of the process. <see cref="Begin"/> a value, set its fields, <see cref="Set"/> it.
/// </remarks>
public sealed class EsfSignalWriter<TWriter>
    where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
{
    private readonly VersionedByteMap _map;
    private readonly byte[] _buffer;
    private readonly SealingSpace? _space;
    private readonly int _maxLength;

    /// <summary>Sets the signals that lie in a map, which stays the caller's to dispose.</summary>
    /// <param name="map">The map, open for writing. It may hold signals of several schemas, with keys of their own.</param>
    /// <param name="maxLength">The most bytes a value may have in clear, header included; at most 16 MiB, with what sealing adds.</param>
    /// <param name="sealer">Seals the private fields of the schema, where it has some; stays the caller's to dispose, and is this writer's
    /// alone to use.</param>
    /// <exception cref="ArgumentException">The schema has private fields and there is no sealer, or the sealer is of another
    /// schema.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The length is out of range.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only, or the schema declares another pattern.</exception>
    public EsfSignalWriter(VersionedByteMap map, int maxLength, EsfSealer? sealer = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        _maxLength = SignalLimits.Checked(maxLength);
        _space = SealingSpace.For<TWriter>(sealer);
        _buffer = new byte[_space is null ? _maxLength : SignalLimits.Checked(_space.MaxSealedLength(maxLength))];
        SchemaDeclarations.Require(TWriter.Schema, StreamPattern.Signal);
        _map = !map.IsReadOnly
            ? map
            : throw new InvalidOperationException($"The map '{map.Directory}' was opened read-only. Use VersionedByteMap.Open.");
    }

    /// <summary>Starts a value; what is not set stays absent or zero. Called again, it starts anew.</summary>
    /// <exception cref="ArgumentException">The shortest message of the schema is longer than the most bytes a value may have.</exception>
    public TWriter Begin() => TWriter.Begin(_space is null ? _buffer : _space.Take(_maxLength));

    /// <summary>Makes what was written the value of a key. Readers see it from now on, whole.</summary>
    /// <param name="key">0 to <see cref="ByteMap.MaxKeyBytes"/> bytes.</param>
    /// <param name="writer">What <see cref="Begin"/> returned, with every required field set.</param>
    /// <returns>Its version.</returns>
    /// <exception cref="ArgumentException">It is a writer of something else, or the key is too long; or a required field was not set, where
    /// the value is to be sealed.</exception>
    /// <exception cref="Core.EstreamStorageException">The map needs space and the disk is full. The value before is still
    /// there.</exception>
    public long Set(ReadOnlySpan<byte> key, scoped in TWriter writer) => _map.Put(key, _buffer.AsSpan(0, _space is null
        ? Message.LengthOf(in writer, _buffer)
        : _space.Seal(Message.LengthOf(in writer, _space.Taken), _buffer)));

    /// <summary>Takes a signal away.</summary>
    /// <param name="key">Its key.</param>
    /// <returns>Whether it was there.</returns>
    public bool Remove(ReadOnlySpan<byte> key) => _map.Remove(key);
}
