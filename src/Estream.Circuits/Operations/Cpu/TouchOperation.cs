using Estream.Esf;
using Estream.Map;

namespace Estream.Circuits.Operations.Cpu;

/// <summary>Sets the time to live of entries, counted from now. Keeps values and versions.</summary>
internal sealed class TouchOperation : ChangeOperation
{
    private readonly EsfField _key;
    private readonly EsfField _timeToLive;

    public TouchOperation(CircuitOperation operation, OperationMap map)
        : base(operation, map)
    {
        _key = RequestField("key");
        _timeToLive = RequestField("time_to_live");
    }

    protected override OperationStatus Change(ReadOnlySpan<byte> request, ref EsfMessageBuilder result)
    {
        _ = _key.TryGetBytes(request, out ReadOnlySpan<byte> key);
        if (!Nanos.TryReadTimeToLive(_timeToLive, request, out TimeSpan? time))
        {
            return OperationStatus.Invalid;
        }

        if (!Map.Takes(key, default))
        {
            return OperationStatus.TooLong;
        }

        return Map.Versioned is not VersionedByteMap versioned ? OperationStatus.Unversioned
            : versioned.Touch(key, time) ? OperationStatus.Done : OperationStatus.Absent;
    }
}
