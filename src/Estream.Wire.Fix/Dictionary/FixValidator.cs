using System.Text;
using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Dictionary;

/// <summary>The deviations from the dictionary that a session accepts.</summary>
/// <param name="AllowUserDefinedFields">Accept fields from tag 5000 on that the dictionary does not define, or does not define for this
/// message.</param>
/// <param name="AllowEmptyValues">Accept fields without a value.</param>
internal readonly record struct FixTolerance(bool AllowUserDefinedFields, bool AllowEmptyValues);

/// <summary>Validates messages against a protocol's dictionaries in one pass over the fields, without allocating. Records in the index
/// where groups end. Not thread-safe.</summary>
internal sealed class FixValidator
{
    private readonly FixDictionary _transport;
    private readonly FixDictionary _application;
    private readonly FixTolerance _tolerance;
    private readonly byte[]? _applVerId;
    private readonly Seen _seenInTransport;
    private readonly Seen _seenInApplication;
    private long _stamp;
    private long _messageStamp;
    private FixFault _fault;

    public FixValidator(FixProtocol protocol, FixTolerance tolerance = default)
    {
        _transport = protocol.Transport;
        _application = protocol.Application;
        _tolerance = tolerance;
        _applVerId = protocol.DefaultApplVerId is { } applVerId ? Encoding.ASCII.GetBytes(applVerId) : null;
        _seenInTransport = new Seen(_transport.FieldCount);
        _seenInApplication = ReferenceEquals(_transport, _application) ? _seenInTransport : new Seen(_application.FieldCount);
    }

    /// <summary>Returns the fault with the highest priority: order of header, body and trailer; message type; group without delimiter;
    /// missing required field; then the first faulty field.</summary>
    public FixFault Validate(in FixMessage message)
    {
        FixFieldIndex index = message.Index;
        if (index.Fault.IsFault)
        {
            return index.Fault;
        }

        int bodyStart = EndOfHeader(index);
        FixFault order = CheckOrder(index, bodyStart);
        if (order.IsFault)
        {
            return order;
        }

        FixMessageType? ofSession = _transport.Message(message.MsgType);
        FixMessageType? type = ofSession ?? _application.Message(message.MsgType);
        if (type is null)
        {
            return FixFault.Of(FixRejectReason.InvalidMsgType);
        }

        if (ofSession is null && IsOfOtherVersion(message, index.Tags[..bodyStart].IndexOf(Tag.ApplVerId)))
        {
            return FixFault.Of(FixRejectReason.UnsupportedApplVer, Tag.ApplVerId);
        }

        _fault = FixFault.None;
        _messageStamp = ++_stamp;
        FixDictionary ofBody = ofSession is null ? _application : _transport;
        int trailerStart = StartOfTrailer(index, bodyStart);
        Walk(message, _transport, _transport.Header, 0, bodyStart);
        Walk(message, ofBody, type.Body, bodyStart, trailerStart);
        Walk(message, _transport, _transport.Trailer, trailerStart, index.Count);
        if (_fault.IsOfStructure)
        {
            return _fault;
        }

        FixFault missing = FindMissing(_transport, _transport.Header, _messageStamp);
        missing = missing.IsFault ? missing : FindMissing(ofBody, type.Body, _messageStamp);
        return missing.IsFault ? missing : _fault;
    }

    /// <summary>Returns the fault with the highest priority in the body of an application message, as <see cref="Validate"/>: unknown type;
    /// group without delimiter; missing required field; then the first faulty field.</summary>
    /// <param name="msgType">MsgType (35).</param>
    /// <param name="body">The fields of the body alone.</param>
    public FixFault ValidateBody(ReadOnlySpan<byte> msgType, in FixMessage body)
    {
        FixMessageType? type = _application.Message(msgType);
        if (type is null)
        {
            return FixFault.Of(FixRejectReason.InvalidMsgType);
        }

        _fault = FixFault.None;
        _messageStamp = ++_stamp;
        Walk(body, _application, type.Body, 0, body.Index.Count);
        if (_fault.IsOfStructure)
        {
            return _fault;
        }

        FixFault missing = FindMissing(_application, type.Body, _messageStamp);
        return missing.IsFault ? missing : _fault;
    }

    /// <summary>Whether ApplVerID names another version of FIX than that of the application dictionary.</summary>
    private bool IsOfOtherVersion(in FixMessage message, int field)
    {
        return field >= 0 && _applVerId is not null && !message.Fields[field].Value.SequenceEqual(_applVerId);
    }

    private int EndOfHeader(FixFieldIndex index)
    {
        int field = 0;
        while (field < index.Count && _transport.Header.TryGet(index.TagOf(field), out FixGroupDefinition? group))
        {
            field++;
            while (group is not null && field < index.Count && group.Entry.TryGet(index.TagOf(field), out _))
            {
                field++;
            }
        }

        return field;
    }

    private int StartOfTrailer(FixFieldIndex index, int field)
    {
        while (field < index.Count && !_transport.Trailer.TryGet(index.TagOf(field), out _))
        {
            field++;
        }

        return field;
    }

    /// <summary>Checks that header, body and trailer follow in this order, and that only trailer fields follow the first trailer
    /// field.</summary>
    private FixFault CheckOrder(FixFieldIndex index, int bodyStart)
    {
        bool isTrailer = false;
        for (int field = bodyStart; field < index.Count; field++)
        {
            int tag = index.TagOf(field);
            bool belongsToTrailer = _transport.Trailer.TryGet(tag, out _);
            if (_transport.Header.TryGet(tag, out _) || (isTrailer && !belongsToTrailer))
            {
                return FixFault.Of(FixRejectReason.TagOutOfOrder, tag);
            }

            isTrailer |= belongsToTrailer;
        }

        return FixFault.None;
    }

    private void Walk(in FixMessage message, FixDictionary dictionary, FixFieldSet set, int field, int end)
    {
        while (field < end)
        {
            field = WalkField(message, dictionary, set, field, end, _messageStamp);
        }
    }

    /// <summary>Checks a field and the group entries it counts.</summary>
    /// <returns>The index of the next field.</returns>
    private int WalkField(in FixMessage message, FixDictionary dictionary, FixFieldSet set, int field, int end, long stamp)
    {
        FixGroupDefinition? group = null;
        FixField current = message.Fields[field];
        FixFieldDefinition? definition = dictionary.Field(current.Tag);
        if (current.Value.IsEmpty && !_tolerance.AllowEmptyValues)
        {
            Fail(FixRejectReason.EmptyValue, current.Tag);
        }
        else if (definition is null)
        {
            FailForeign(FixRejectReason.InvalidTag, current.Tag);
        }
        else if (!set.TryGet(current.Tag, out group))
        {
            FailForeign(FixRejectReason.TagNotDefinedForMessage, current.Tag);
        }
        else if (!current.Value.IsEmpty && !FixFieldTypes.Accepts(definition.Type, current.Value))
        {
            Fail(FixRejectReason.IncorrectFormat, current.Tag);
        }
        else if (!current.Value.IsEmpty && !definition.Lists(current.Value))
        {
            Fail(FixRejectReason.ValueOutOfRange, current.Tag);
        }

        if (definition is not null)
        {
            Mark(dictionary, definition, stamp);
        }

        return group is null ? field + 1 : WalkGroup(message, dictionary, group, field, end);
    }

    private int WalkGroup(in FixMessage message, FixDictionary dictionary, FixGroupDefinition group, int countField, int end)
    {
        FixFieldIndex index = message.Index;
        FixFault before = _fault;
        int field = countField + 1;
        bool isDelimited = field >= end || index.TagOf(field) == group.Delimiter || !group.Entry.TryGet(index.TagOf(field), out _);
        long entries = 0;
        while (field < end && (index.TagOf(field) == group.Delimiter || (!isDelimited && entries == 0)))
        {
            entries++;
            field = WalkEntry(message, dictionary, group, field, end);
        }

        index.SetGroupEnd(countField, field);
        bool isCounted = FixText.TryNumber(message.Fields[countField].Value, out long count) && count == entries;
        if (!isDelimited || !isCounted)
        {
            // The group's own fault takes precedence over faults inside its entries, which it often causes.
            FixFault ofGroup = isDelimited
                ? FixFault.Of(FixRejectReason.GroupCountMismatch, group.CountTag)
                : FixFault.NoDelimiter(group.CountTag, group.Delimiter);
            _fault = before.IsFault ? before : ofGroup;
        }

        return field;
    }

    private int WalkEntry(in FixMessage message, FixDictionary dictionary, FixGroupDefinition group, int field, int end)
    {
        FixFieldIndex index = message.Index;
        long stamp = ++_stamp;
        int first = field;
        while (field < end && (field == first || index.TagOf(field) != group.Delimiter) && group.Entry.TryGet(index.TagOf(field), out _))
        {
            field = WalkField(message, dictionary, group.Entry, field, end, stamp);
        }

        FixFault missing = FindMissing(dictionary, group.Entry, stamp);
        if (missing.IsFault && !_fault.IsFault)
        {
            _fault = missing;
        }

        return field;
    }

    private void Mark(FixDictionary dictionary, FixFieldDefinition definition, long stamp)
    {
        long[] seen = SeenIn(dictionary, stamp);
        if (seen[definition.Ordinal] == stamp)
        {
            Fail(FixRejectReason.RepeatedTag, definition.Tag);
        }

        seen[definition.Ordinal] = stamp;
    }

    private FixFault FindMissing(FixDictionary dictionary, FixFieldSet set, long stamp)
    {
        long[] seen = SeenIn(dictionary, stamp);
        foreach (FixFieldDefinition required in set.Required)
        {
            if (seen[required.Ordinal] != stamp)
            {
                return FixFault.Of(FixRejectReason.RequiredTagMissing, required.Tag);
            }
        }

        return FixFault.None;
    }

    private long[] SeenIn(FixDictionary dictionary, long stamp)
    {
        Seen seen = ReferenceEquals(dictionary, _transport) ? _seenInTransport : _seenInApplication;
        return stamp == _messageStamp ? seen.InMessage : seen.InEntry;
    }

    private void FailForeign(FixRejectReason reason, int tag)
    {
        if (tag < Tag.FirstUserDefined || !_tolerance.AllowUserDefinedFields)
        {
            Fail(reason, tag);
        }
    }

    private void Fail(FixRejectReason reason, int tag)
    {
        if (!_fault.IsFault)
        {
            _fault = FixFault.Of(reason, tag);
        }
    }

    /// <summary>The stamp of the message and of the group entry in which each field, by ordinal, was last seen. There are two tables
    /// because an entry may have a field that its message also has. A group nested in an entry has other fields than the entry.</summary>
    private sealed class Seen(int fields)
    {
        public long[] InMessage { get; } = new long[fields];

        public long[] InEntry { get; } = new long[fields];
    }
}
