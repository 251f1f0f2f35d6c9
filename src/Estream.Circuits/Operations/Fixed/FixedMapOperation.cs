using Estream.Circuits.Operations.Cpu;
using Estream.Esf;

namespace Estream.Circuits.Operations.Fixed;

/// <summary>Executes the operations on a map of fixed-size keys and values. Does not allocate.</summary>
internal sealed class FixedMapOperation : CpuOperation
{
    private readonly OperationKind _kind;
    private readonly FixedStore _map;
    private readonly EsfField[] _request;
    private readonly EsfField[] _result;
    private readonly byte[] _found;
    private bool _isThere;
    private long _version;

    private FixedMapOperation(CircuitOperation operation, FixedStore map)
        : base(operation)
    {
        (_kind, _map, _found) = (operation.Kind, map, new byte[map.ValueBytes]);
        _request = [.. operation.Request.Fields];
        _result = [.. operation.Result.Fields];
    }

    /// <summary>Opens an operation.</summary>
    /// <exception cref="ArgumentException">The operation works on byte maps only.</exception>
    public static FixedMapOperation Open(CircuitOperation operation, FixedStore map) =>
        operation.Kind is OperationKind.MapBatch or OperationKind.MapSync
            ? throw new ArgumentException($"'{operation}' works on a ByteMap or a VersionedByteMap, not on a map of fixed-size values.")
            : new FixedMapOperation(operation, map);

    protected override int ResultBytes(ReadOnlySpan<byte> request)
    {
        if (_kind != OperationKind.MapGet)
        {
            return 0;
        }

        ReadOnlySpan<byte> key = Bytes(request, "key");
        _version = 0;
        _isThere = key.Length == _map.KeyBytes && _map.TryGet(key, _found, out _version);
        return _isThere ? _found.Length : 0;
    }

    protected override OperationStatus Execute(ReadOnlySpan<byte> request, ref EsfMessageBuilder result)
    {
        if (_kind is OperationKind.MapClear or OperationKind.MapGc)
        {
            return _kind == OperationKind.MapClear ? Clear(request, ref result) : Collect(ref result);
        }

        ReadOnlySpan<byte> key = Bytes(request, "key");
        if (key.Length != _map.KeyBytes)
        {
            return key.Length > _map.KeyBytes ? OperationStatus.TooLong : OperationStatus.Invalid;
        }

        OperationStatus status = _kind switch
        {
            OperationKind.MapGet => Get(ref result),
            OperationKind.MapRemove => Remove(request, key),
            OperationKind.MapTouch => Touch(request, key),
            _ => Store(request, key),
        };
        if (_version > 0 && _kind != OperationKind.MapTouch)
        {
            _ = result.TrySet(Field(_result, "version"), (Int128)_version);
        }

        return status;
    }

    private static EsfField Field(EsfField[] fields, string name)
    {
        foreach (EsfField field in fields)
        {
            if (field.Name == name)
            {
                return field;
            }
        }

        throw new InvalidOperationException($"The operation has no field '{name}'.");
    }

    private ReadOnlySpan<byte> Bytes(ReadOnlySpan<byte> request, string name)
    {
        _ = Field(_request, name).TryGetBytes(request, out ReadOnlySpan<byte> bytes);
        return bytes;
    }

    private OperationStatus Get(ref EsfMessageBuilder result)
    {
        if (!_isThere)
        {
            return OperationStatus.Absent;
        }

        _ = result.TrySet(Field(_result, "value"), _found);
        return OperationStatus.Done;
    }

    private OperationStatus Store(ReadOnlySpan<byte> request, ReadOnlySpan<byte> key)
    {
        ReadOnlySpan<byte> value = Bytes(request, "value");
        _version = 0;
        if (!Nanos.TryReadTimeToLive(Field(_request, "time_to_live"), request, out TimeSpan? time))
        {
            return OperationStatus.Invalid;
        }

        if (value.Length != _map.ValueBytes)
        {
            return value.Length > _map.ValueBytes ? OperationStatus.TooLong : OperationStatus.Invalid;
        }

        if (_kind == OperationKind.MapCas)
        {
            return Exchange(request, key, value, time);
        }

        if (time is not null && !_map.HasVersions)
        {
            return OperationStatus.Unversioned;
        }

        // This thread is the only writer, so the key cannot appear or disappear between the two calls.
        bool isThere = _map.TryGet(key, _found, out _);
        _version = _map.Put(key, value, time);
        return isThere ? OperationStatus.Replaced : OperationStatus.Created;
    }

    private OperationStatus Exchange(ReadOnlySpan<byte> request, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, TimeSpan? time)
    {
        bool isByValue = Field(_request, "expected").TryGetBytes(request, out ReadOnlySpan<byte> expected);
        bool isByVersion = Field(_request, "expected_version").TryGetInt64(request, out long version);
        if (isByValue == isByVersion || version < 0)
        {
            return OperationStatus.Invalid;
        }

        if (!_map.HasVersions && (version > 0 || time is not null))
        {
            return OperationStatus.Unversioned;
        }

        bool isThere = _map.TryGet(key, _found, out _version);
        bool matches = isByValue ? isThere && _found.AsSpan().SequenceEqual(expected) : version == _version && (version > 0 || !isThere);
        if (!matches)
        {
            return isThere ? OperationStatus.Conflict : OperationStatus.Absent;
        }

        // This thread is the only writer, so the entry is still the one that was compared.
        if (_map.HasVersions)
        {
            _ = _map.Exchange(key, _version, value, time, out _version);
        }
        else
        {
            _ = _map.Put(key, value, time);
        }

        return isThere ? OperationStatus.Replaced : OperationStatus.Created;
    }

    private OperationStatus Remove(ReadOnlySpan<byte> request, ReadOnlySpan<byte> key)
    {
        _version = 0;
        if (!Field(_request, "expected_version").TryGetInt64(request, out long expected))
        {
            return _map.Remove(key) ? OperationStatus.Done : OperationStatus.Absent;
        }

        return expected <= 0 ? OperationStatus.Invalid
            : !_map.HasVersions ? OperationStatus.Unversioned
            : _map.Remove(key, expected) ? OperationStatus.Done
            : _map.TryGet(key, _found, out _version) ? OperationStatus.Conflict
            : OperationStatus.Absent;
    }

    private OperationStatus Touch(ReadOnlySpan<byte> request, ReadOnlySpan<byte> key) =>
        !Nanos.TryReadTimeToLive(Field(_request, "time_to_live"), request, out TimeSpan? time) ? OperationStatus.Invalid
        : !_map.HasVersions ? OperationStatus.Unversioned
        : _map.Touch(key, time) ? OperationStatus.Done : OperationStatus.Absent;

    private OperationStatus Clear(ReadOnlySpan<byte> request, ref EsfMessageBuilder result)
    {
        long entries = _map.Count;
        if (Field(_request, "expected_entries").TryGetUInt64(request, out ulong expected) && expected != (ulong)entries)
        {
            return OperationStatus.Conflict;
        }

        _map.Clear();
        _ = result.TrySet(Field(_result, "removed"), (Int128)entries);
        return OperationStatus.Done;
    }

    // A table of fixed-size entries has no heap that could shrink.
    private OperationStatus Collect(ref EsfMessageBuilder result)
    {
        long before = _map.Count;
        _map.RemoveExpired();
        _ = result.TrySet(Field(_result, "removed"), (Int128)(before - _map.Count));
        _ = result.TrySet(Field(_result, "entries"), (Int128)_map.Count);
        return OperationStatus.Done;
    }
}
