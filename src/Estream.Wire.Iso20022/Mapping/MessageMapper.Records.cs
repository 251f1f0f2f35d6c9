namespace Estream.Wire.Iso20022.Mapping;

/// <summary>
/// Elements that are messages of their own, as the statements of one message are: each begins with what stands before the first of them. A
/// long one is cut between two of its items, and each part begins with what stands before the first of these, so that memory is that of a
/// part, however long it is.
/// </summary>
internal sealed partial class MessageMapper
{
    // Of the message, what every record begins with; of a record, what every part begins with.
    private int _headLength;
    private int _prefixLength;
    private int _itemsStart;
    private int _records;
    private int _part;

    /// <summary>Whether there is more than one record, and nobody to take them: only the first was kept.</summary>
    public bool IsSeveral { get; private set; }

    /// <summary>Whether the message has records: they are handed out, and what is left is none.</summary>
    public bool HasRecords => _records > 0;

    private bool TryBeginRecord()
    {
        if (_records > 0 && _sink is null)
        {
            IsSeveral = true;
            return false;
        }

        CloseArray(ref _objects[_objectDepth - 1]);
        _headLength = _json.Length;
        _records++;
        _part = 1;
        _objects[_objectDepth++] = new ObjectState { Array = -1, HasMember = true };
        return true;
    }

    private void EndRecord()
    {
        CloseArray(ref _objects[--_objectDepth]);
        EndPart(isLast: true);
        if (_sink is not null)
        {
            _json.Truncate(_headLength);
        }
    }

    // Between two items, so no part is without one.
    private void CutBefore(MapTarget target)
    {
        _json.Sign(']');
        EndPart(isLast: false);
        _json.Truncate(_prefixLength);
        BeginItems(target);
    }

    private void BeginItems(MapTarget target)
    {
        _prefixLength = _json.Length;
        _json.Raw(target.Before);
        _itemsStart = _json.Length;
    }

    private void EndPart(bool isLast)
    {
        if (_part > 1 || !isLast)
        {
            _json.Raw(",\"part\":{\"number\":"u8);
            _json.Number(_part);
            _json.Raw(isLast ? ",\"is_last\":true}"u8 : ",\"is_last\":false}"u8);
        }

        _json.Sign('}');
        _part++;
        if (!IsTooLong)
        {
            _sink?.TakeMapped(_json.Written);
        }
    }
}
