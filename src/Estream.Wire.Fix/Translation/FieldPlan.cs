using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Translation;

/// <summary>Maps the fields of a message type to slots of its schema, and lists the fields that may be ignored; all others are refused. Not
/// thread-safe.</summary>
internal sealed class FieldPlan
{
    /// <summary>The maximum number of slots.</summary>
    public const int MaxPlaces = 56;

    /// <summary>Marks a slot without a field.</summary>
    public const int None = -1;

    private const byte Unknown = 0;
    private const byte Passing = byte.MaxValue;

    // Fields that the session has already handled or writes itself.
    private static readonly int[] s_ofSession =
    [
        Tag.BeginString, Tag.BodyLength, Tag.MsgType, Tag.MsgSeqNum, Tag.PossDupFlag, Tag.SenderCompId, Tag.SenderSubId, Tag.SendingTime,
        Tag.TargetCompId, Tag.TargetSubId, Tag.OrigSendingTime, Tag.SenderLocationId, Tag.TargetLocationId, Tag.LastMsgSeqNumProcessed,
        FixTags.MessageEncoding, Tag.ApplVerId, Tag.CheckSum,
    ];

    // The array is indexed by tag, so that each field of a message costs one load.
    private readonly byte[] _fates;
    private readonly string _schema;

    // The result for the previous message, reused because consecutive messages usually have the same fields in the same order.
    private readonly int[] _found = new int[MaxPlaces];
    private FixFieldIndex? _index;
    private long _shape;

    /// <param name="schema">The name of the schema, for refusal texts.</param>
    /// <param name="places">The tag of every slot.</param>
    /// <param name="passing">Tags that may be ignored; a tag that also has a slot is read.</param>
    public FieldPlan(string schema, ReadOnlySpan<int> places, IEnumerable<int> passing)
    {
        _schema = schema;
        int[] let = [.. passing, .. s_ofSession];
        int largest = let.Max();
        foreach (int tag in places)
        {
            largest = Math.Max(largest, tag);
        }

        _fates = new byte[largest + 1];
        Array.ForEach(let, tag => _fates[tag] = Passing);
        for (int place = 0; place < places.Length; place++)
        {
            _fates[places[place]] = (byte)(place + 1);
        }
    }

    /// <summary>Finds the field for every slot in a message.</summary>
    /// <param name="index">The fields of the message.</param>
    /// <param name="refused">The tag of a field that has no slot or occurs twice; 0 for none.</param>
    /// <returns>The field index for every slot, or <see cref="None"/>. Valid until the next call.</returns>
    public ReadOnlySpan<int> Find(FixFieldIndex index, out int refused)
    {
        refused = 0;
        if (index != _index || index.Shape != _shape)
        {
            _found.AsSpan().Fill(None);
            refused = Find(index, 0, index.Count, _found);
            _index = refused == 0 ? index : null;
            _shape = index.Shape;
        }

        return _found;
    }

    /// <summary>Returns the slot of a tag that the plan was created with.</summary>
    public int PlaceOf(int tag)
    {
        return _fates[tag] - 1;
    }

    /// <summary>Finds the field for every slot in a part of a message.</summary>
    /// <param name="index">The fields of the message.</param>
    /// <param name="first">The index of the first field.</param>
    /// <param name="end">The index after the last field.</param>
    /// <param name="fields">Receives the field index for every slot; must be filled with <see cref="None"/> before the first part.</param>
    /// <returns>The tag of a field that has no slot or occurs twice; 0 for none.</returns>
    public int Find(FixFieldIndex index, int first, int end, Span<int> fields)
    {
        ReadOnlySpan<int> tags = index.Tags[first..end];
        for (int field = 0; field < tags.Length; field++)
        {
            int tag = tags[field];
            byte fate = (uint)tag < (uint)_fates.Length ? _fates[tag] : Unknown;
            if (fate == Passing)
            {
                continue;
            }

            if (fate == Unknown || fields[fate - 1] != None)
            {
                return tag;
            }

            fields[fate - 1] = first + field;
        }

        return 0;
    }

    /// <summary>Returns the status that states why a field was refused.</summary>
    public TranslateStatus Refuse(int tag)
    {
        bool hasPlace = (uint)tag < (uint)_fates.Length && _fates[tag] is not Unknown and not Passing;
        return Refusal.Of(tag, hasPlace ? "occurs twice" : $"has no counterpart in {_schema}; name it in PassingTags to drop it");
    }
}
