using Estream.Esf;
using Estream.Map;

namespace Estream.Circuits.Operations.Cpu;

/// <summary>Stores a value under a key.</summary>
internal abstract class StoreOperation : ChangeOperation
{
    private readonly EsfField _key;
    private readonly EsfField _value;
    private readonly EsfField _timeToLive;
    private readonly EsfField _version;

    protected StoreOperation(CircuitOperation operation, OperationMap map)
        : base(operation, map)
    {
        _key = RequestField("key");
        _value = RequestField("value");
        _timeToLive = RequestField("time_to_live");
        _version = ResultField("version");
    }

    protected sealed override OperationStatus Change(ReadOnlySpan<byte> request, ref EsfMessageBuilder result)
    {
        _ = _key.TryGetBytes(request, out ReadOnlySpan<byte> key);
        _ = _value.TryGetBytes(request, out ReadOnlySpan<byte> value);
        if (!Nanos.TryReadTimeToLive(_timeToLive, request, out TimeSpan? time))
        {
            return OperationStatus.Invalid;
        }

        if (!Map.Takes(key, value))
        {
            return OperationStatus.TooLong;
        }

        OperationStatus status = Store(request, key, value, time, out long version);
        if (version > 0)
        {
            _ = result.TrySet(_version, (Int128)version);
        }

        return status;
    }

    /// <summary>Stores the value if the request allows it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="key">The key, within the length limit of the map.</param>
    /// <param name="value">The value, within the length limit of the map.</param>
    /// <param name="time">The time to live; null if the entry does not expire.</param>
    /// <param name="version">The version of the entry afterwards; 0 if it has none.</param>
    protected abstract OperationStatus Store(ReadOnlySpan<byte> request, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, TimeSpan? time,
        out long version);
}

/// <summary>Stores values under keys unconditionally.</summary>
internal sealed class PutOperation(CircuitOperation operation, OperationMap map) : StoreOperation(operation, map)
{
    protected override OperationStatus Store(ReadOnlySpan<byte> request, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, TimeSpan? time,
        out long version)
    {
        version = 0;
        if (Map.Plain is ByteMap plain)
        {
            return time is not null ? OperationStatus.Unversioned : plain.Put(key, value)
                ? OperationStatus.Created
                : OperationStatus.Replaced;
        }

        // This thread is the only writer, so the key cannot appear or disappear between the two calls.
        bool isThere = Map.Versioned!.ContainsKey(key);
        version = Map.Versioned.Put(key, value, time);
        return isThere ? OperationStatus.Replaced : OperationStatus.Created;
    }
}
