using Estream.Core;
using Estream.Esf;
using Estream.Map;

namespace Estream.Circuits.Operations.Cpu;

/// <summary>Stores values under keys whose value or version is the expected one.</summary>
internal sealed class CasOperation : StoreOperation
{
    private readonly EsfField _expected;
    private readonly EsfField _expectedVersion;

    // Buffer for the current value of a versioned map, as long as the longest expected value so far.
    private byte[] _found = [];

    public CasOperation(CircuitOperation operation, OperationMap map)
        : base(operation, map)
    {
        _expected = RequestField("expected");
        _expectedVersion = RequestField("expected_version");
    }

    protected override OperationStatus Store(ReadOnlySpan<byte> request, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, TimeSpan? time,
        out long version)
    {
        version = 0;
        bool isByValue = _expected.TryGetBytes(request, out ReadOnlySpan<byte> expected);
        bool isByVersion = _expectedVersion.TryGetInt64(request, out long expectedVersion);
        if (isByValue == isByVersion || expectedVersion < 0)
        {
            return OperationStatus.Invalid;
        }

        if (Map.Versioned is VersionedByteMap versioned)
        {
            return isByValue
                ? ExchangeValue(versioned, key, expected, value, time, out version)
                : ExchangeVersion(versioned, key, expectedVersion, value, time, out version);
        }

        ByteMap plain = Map.Plain!;
        return expectedVersion > 0 || time is not null ? OperationStatus.Unversioned
            : isByVersion ? plain.TryAdd(key, value) ? OperationStatus.Created : OperationStatus.Conflict
            : plain.CompareExchange(key, expected, value) ? OperationStatus.Replaced
            : plain.ContainsKey(key) ? OperationStatus.Conflict
            : OperationStatus.Absent;
    }

    private static OperationStatus ExchangeVersion(VersionedByteMap map, ReadOnlySpan<byte> key, long expected, ReadOnlySpan<byte> value,
        TimeSpan? time, out long version) =>
        map.CompareExchange(key, expected, value, out version, time) ? expected == 0 ? OperationStatus.Created : OperationStatus.Replaced
            : version == 0 ? OperationStatus.Absent
            : OperationStatus.Conflict;

    private OperationStatus ExchangeValue(VersionedByteMap map, ReadOnlySpan<byte> key, ReadOnlySpan<byte> expected,
        ReadOnlySpan<byte> value, TimeSpan? time, out long version)
    {
        if (_found.Length < expected.Length)
        {
            _found = new byte[Math.Max(expected.Length, 2L * _found.Length)];
        }

        Span<byte> found = _found.AsSpan(0, expected.Length);
        Status status = map.TryGet(key, found, out int length, out version);

        // This thread is the only writer, so an unchanged version means an unchanged value.
        return status.IsNotFound ? OperationStatus.Absent
            : status.IsOk && length == expected.Length && found.SequenceEqual(expected)
                ? ExchangeVersion(map, key, version, value, time, out version)
            : OperationStatus.Conflict;
    }
}
