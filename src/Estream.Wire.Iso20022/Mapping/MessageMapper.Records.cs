namespace Estream.Wire.Iso20022.Mapping;

/// <summary>
/// Records: elements that become separate messages, such as the statements of one document. Each record repeats the fields before the first
/// record. A long record is split between two of its items, and each part repeats the fields before the first item. So memory is bounded by
/// one part.
/// </summary>
internal sealed partial class MessageMapper
{
    // The length of the output that every record repeats, and of the output that every part of a record repeats.
    private int _headLength;
    private int _prefixLength;
    private int _itemsStart;
    private int _records;
    private int _part;

    /// <summary>Whether there is more than one record but no sink: only the first record was kept.</summary>
    public bool IsSeveral { get; private set; }

    /// <summary>Whether the message has records. They were passed to the sink, and the remaining output is not a message.</summary>
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

    // Splits between two items, so that every part has an item.
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
