using Estream.Esf;
using Estream.Esf.Items;
using Estream.Map;

namespace Estream.Circuits.Operations.Cpu;

/// <summary>Changes several keys of a map atomically.</summary>
internal sealed class BatchOperation : ChangeOperation
{
    private readonly EsfField _keys;
    private readonly EsfField _values;
    private readonly EsfField _removed;
    private readonly EsfField _required;
    private readonly EsfField _requiredVersions;
    private readonly ByteMapBatch? _plain;
    private readonly VersionedByteMapBatch? _versioned;

    public BatchOperation(CircuitOperation operation, OperationMap map)
        : base(operation, map)
    {
        _keys = RequestField("keys");
        _values = RequestField("values");
        _removed = RequestField("removed");
        _required = RequestField("required");
        _requiredVersions = RequestField("required_versions");
        _plain = map.Plain?.CreateBatch(StateMap.MaxBatchKeys);
        _versioned = map.Versioned?.CreateBatch(StateMap.MaxBatchKeys);
    }

    private int Count => _plain?.Count ?? _versioned!.Count;

    public override void Dispose()
    {
        base.Dispose();
        _plain?.Dispose();
        _versioned?.Dispose();
    }

    protected override OperationStatus Change(ReadOnlySpan<byte> request, ref EsfMessageBuilder result)
    {
        EsfArray<ReadOnlySpan<byte>, BytesItem> keys = new(RegionOf(_keys, request));
        EsfArray<ReadOnlySpan<byte>, BytesItem> values = new(RegionOf(_values, request));
        EsfArray<ReadOnlySpan<byte>, BytesItem> removed = new(RegionOf(_removed, request));
        EsfArray<ReadOnlySpan<byte>, BytesItem> required = new(RegionOf(_required, request));
        EsfArray<long, Int64Item> versions = new(RegionOf(_requiredVersions, request));
        if (keys.Count != values.Count || required.Count != versions.Count)
        {
            return OperationStatus.Invalid;
        }

        if ((long)keys.Count + removed.Count + required.Count > StateMap.MaxBatchKeys)
        {
            return OperationStatus.TooLong;
        }

        try
        {
            OperationStatus status = Put(keys, values);
            status = status == OperationStatus.Done ? Remove(removed) : status;
            status = status == OperationStatus.Done ? Require(required, versions) : status;
            return status != OperationStatus.Done || IsCommitted() ? status : OperationStatus.Conflict;
        }
        finally
        {
            _plain?.Clear();
            _versioned?.Clear();
        }
    }

    private OperationStatus Put(EsfArray<ReadOnlySpan<byte>, BytesItem> keys, EsfArray<ReadOnlySpan<byte>, BytesItem> values)
    {
        EsfArray<ReadOnlySpan<byte>, BytesItem>.Enumerator value = values.GetEnumerator();
        foreach (ReadOnlySpan<byte> key in keys)
        {
            _ = value.MoveNext();
            if (!Map.Takes(key, value.Current))
            {
                return OperationStatus.TooLong;
            }

            _plain?.Put(key, value.Current);
            _versioned?.Put(key, value.Current);
        }

        // A duplicate key counts once. The request is then invalid, because it does not say which value of the key to store.
        return Count == keys.Count ? OperationStatus.Done : OperationStatus.Invalid;
    }

    private OperationStatus Remove(EsfArray<ReadOnlySpan<byte>, BytesItem> keys)
    {
        int before = Count;
        foreach (ReadOnlySpan<byte> key in keys)
        {
            if (!Map.Takes(key, default))
            {
                return OperationStatus.TooLong;
            }

            _plain?.Remove(key);
            _versioned?.Remove(key);
        }

        return Count == before + keys.Count ? OperationStatus.Done : OperationStatus.Invalid;
    }

    private OperationStatus Require(EsfArray<ReadOnlySpan<byte>, BytesItem> keys, EsfArray<long, Int64Item> versions)
    {
        EsfArray<long, Int64Item>.Enumerator version = versions.GetEnumerator();
        foreach (ReadOnlySpan<byte> key in keys)
        {
            _ = version.MoveNext();
            if (version.Current < 0)
            {
                return OperationStatus.Invalid;
            }

            if (!Map.Takes(key, default))
            {
                return OperationStatus.TooLong;
            }

            if (_plain is not null && version.Current > 0)
            {
                return OperationStatus.Unversioned;
            }

            _plain?.RequireAbsent(key);
            _versioned?.RequireVersion(key, version.Current);
        }

        return OperationStatus.Done;
    }

    private bool IsCommitted() => _plain?.Commit() ?? _versioned!.Commit();
}
