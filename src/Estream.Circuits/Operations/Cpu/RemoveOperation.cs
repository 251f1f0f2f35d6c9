using Estream.Esf;
using Estream.Map;

namespace Estream.Circuits.Operations.Cpu;

/// <summary>Removes keys, unconditionally or if they have the expected version.</summary>
internal sealed class RemoveOperation : ChangeOperation
{
    private readonly EsfField _key;
    private readonly EsfField _expectedVersion;
    private readonly EsfField _version;

    public RemoveOperation(CircuitOperation operation, OperationMap map)
        : base(operation, map)
    {
        _key = RequestField("key");
        _expectedVersion = RequestField("expected_version");
        _version = ResultField("version");
    }

    protected override OperationStatus Change(ReadOnlySpan<byte> request, ref EsfMessageBuilder result)
    {
        _ = _key.TryGetBytes(request, out ReadOnlySpan<byte> key);
        bool isByVersion = _expectedVersion.TryGetInt64(request, out long expected);
        if (isByVersion && expected <= 0)
        {
            // Version 0 means that the key is absent, and an absent key cannot be removed.
            return OperationStatus.Invalid;
        }

        if (!Map.Takes(key, default))
        {
            return OperationStatus.TooLong;
        }

        long version = 0;
        OperationStatus status = isByVersion ? RemoveVersion(key, expected, out version) : IsRemoved(key)
            ? OperationStatus.Done
            : OperationStatus.Absent;
        if (version > 0)
        {
            _ = result.TrySet(_version, (Int128)version);
        }

        return status;
    }

    private bool IsRemoved(ReadOnlySpan<byte> key) => Map.Plain is ByteMap plain ? plain.Remove(key) : Map.Versioned!.Remove(key);

    private OperationStatus RemoveVersion(ReadOnlySpan<byte> key, long expected, out long version)
    {
        version = 0;
        return Map.Versioned is not VersionedByteMap versioned ? OperationStatus.Unversioned
            : versioned.Remove(key, expected) ? OperationStatus.Done
            : versioned.TryGetVersion(key, out version, out _) ? OperationStatus.Conflict
            : OperationStatus.Absent;
    }
}
