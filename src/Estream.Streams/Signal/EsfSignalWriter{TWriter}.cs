using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Map;
using Estream.Streams.Internal;

namespace Estream.Streams;

/// <summary>
/// Sets signals: the newest message of each key, which any number of processes can read. A value that no reader has seen is replaced like
/// any other, so setting never waits, and costs the same for any number of readers. Allocates nothing per value, and a little when the map
/// moves to another segment.
/// </summary>
/// <typeparam name="TWriter">The generated writer, such as <c>IoTTelemetry.Writer</c>.</typeparam>
/// <remarks>
/// Not thread-safe: use it on one thread at a time. Readers never write, so they cannot block the writer. Values survive a crash of the
/// process. <see cref="Begin"/> a value, set its fields, <see cref="Set"/> it.
/// </remarks>
public sealed class EsfSignalWriter<TWriter>
    where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
{
    private readonly VersionedByteMap _map;
    private readonly byte[] _buffer;
    private readonly SealingSpace? _space;
    private readonly int _maxLength;

    /// <summary>Creates a writer of the signals in a map. The caller still disposes the map.</summary>
    /// <param name="map">The map, open for writing. It may store signals of several schemas under different keys.</param>
    /// <param name="maxLength">The maximum length of a plaintext value in bytes, header included; at most 16 MiB, including the bytes that
    /// sealing adds.</param>
    /// <param name="sealer">Seals the private fields of the schema; required if the schema has any. The caller still disposes the sealer,
    /// and nothing else may use it.</param>
    /// <exception cref="ArgumentException">The schema has private fields and <paramref name="sealer"/> is null or belongs to another
    /// schema.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxLength"/> is out of range.</exception>
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

    /// <summary>Starts a value; fields that are not set stay absent or zero. A second call starts over.</summary>
    /// <exception cref="ArgumentException">The shortest message of the schema is longer than the maximum length of a value.</exception>
    public TWriter Begin() => TWriter.Begin(_space is null ? _buffer : _space.Take(_maxLength));

    /// <summary>Sets the written message as the value of a key. Readers see the complete value from now on.</summary>
    /// <param name="key">The key: 0 to <see cref="ByteMap.MaxKeyBytes"/> bytes.</param>
    /// <param name="writer">The writer that <see cref="Begin"/> returned, with every required field set.</param>
    /// <returns>The version of the value.</returns>
    /// <exception cref="ArgumentException">The writer belongs to another message, or the key is too long; or the value is to be sealed and
    /// a required field is not set.</exception>
    /// <exception cref="Core.EstreamStorageException">The map needs space and the disk is full. The previous value is
    /// unchanged.</exception>
    public long Set(ReadOnlySpan<byte> key, scoped in TWriter writer) => _map.Put(key, _buffer.AsSpan(0, _space is null
        ? Message.LengthOf(in writer, _buffer)
        : _space.Seal(Message.LengthOf(in writer, _space.Taken), _buffer)));

    /// <summary>Removes a signal.</summary>
    /// <param name="key">The key.</param>
    /// <returns>True if the signal existed.</returns>
    public bool Remove(ReadOnlySpan<byte> key) => _map.Remove(key);
}
