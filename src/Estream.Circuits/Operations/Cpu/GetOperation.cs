using Estream.Core;
using Estream.Esf;
using Estream.Map;

namespace Estream.Circuits.Operations.Cpu;

/// <summary>Returns the values of keys.</summary>
internal sealed class GetOperation : CpuOperation
{
    private readonly OperationMap _map;
    private readonly EsfField _key;
    private readonly EsfField _value;
    private readonly EsfField _version;

    // The last value found is at the start of a buffer that grows to the longest value.
    private byte[] _found = [];
    private int _foundBytes;
    private long _foundVersion;
    private OperationStatus _outcome;

    public GetOperation(CircuitOperation operation, OperationMap map)
        : base(operation)
    {
        _map = map;
        _key = RequestField("key");
        _value = ResultField("value");
        _version = ResultField("version");
    }

    protected override int ResultBytes(ReadOnlySpan<byte> request)
    {
        _ = _key.TryGetBytes(request, out ReadOnlySpan<byte> key);
        _foundVersion = 0;
        _outcome = _map.Takes(key, default) ? Find(key) : OperationStatus.TooLong;
        return _outcome == OperationStatus.Done ? _foundBytes : 0;
    }

    protected override OperationStatus Execute(ReadOnlySpan<byte> request, ref EsfMessageBuilder result)
    {
        if (_outcome == OperationStatus.Done)
        {
            _ = result.TrySet(_value, _found.AsSpan(0, _foundBytes));
        }

        // The version is returned even if the value is too long, so that the caller knows that the value exists.
        if (_foundVersion > 0)
        {
            _ = result.TrySet(_version, (Int128)_foundVersion);
        }

        return _outcome;
    }

    private OperationStatus Find(ReadOnlySpan<byte> key)
    {
        Status status = TryGet(key);
        if (status.IsFull && _foundBytes <= MostBytes)
        {
            // This thread is the only writer, so the value has the same length on the second read.
            _found = new byte[(int)Math.Min(MostBytes, Math.Max(_foundBytes, 2L * _found.Length))];
            status = TryGet(key);
        }

        return status.IsNotFound ? OperationStatus.Absent : status.IsOk ? OperationStatus.Done : OperationStatus.TooLong;
    }

    private Status TryGet(ReadOnlySpan<byte> key) =>
        _map.Plain is ByteMap plain
            ? plain.TryGet(key, _found.AsSpan(), out _foundBytes)
            : _map.Versioned!.TryGet(key, _found.AsSpan(), out _foundBytes, out _foundVersion);
}
