using Estream.Esf;
using Estream.Map;

namespace Estream.Circuits.Operations.Cpu;

/// <summary>Sets how long entries are there from now on. Values and versions stay.</summary>
internal sealed class TouchOperation : CpuOperation
{
    private readonly OperationMap _map;
    private readonly EsfField _key;
    private readonly EsfField _timeToLive;

    public TouchOperation(CircuitOperation operation, OperationMap map)
        : base(operation)
    {
        _map = map;
        _key = RequestField("key");
        _timeToLive = RequestField("time_to_live");
    }

    protected override OperationStatus Do(ReadOnlySpan<byte> request, ref EsfMessageBuilder result)
    {
        _ = _key.TryGetBytes(request, out ReadOnlySpan<byte> key);
        if (!Nanos.TryReadTimeToLive(_timeToLive, request, out TimeSpan? time))
        {
            return OperationStatus.Invalid;
        }

        if (!_map.Takes(key, default))
        {
            return OperationStatus.TooLong;
        }

        if (_map.Versioned is not VersionedByteMap versioned)
        {
            return OperationStatus.Unversioned;
        }

        try
        {
            return versioned.Touch(key, time) ? OperationStatus.Done : OperationStatus.Absent;
        }
        catch (ArgumentException)
        {
            // All else was looked at before: the queue that keeps the changes of the map takes no message as long as this entry.
            return OperationStatus.TooLong;
        }
    }
}
