using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Translation;

/// <summary>Which fields of a type of message have a place in its schema, and which may pass without one; all others are refused. Not
/// thread-safe.</summary>
internal sealed class FieldPlan
{
    /// <summary>The most fields with a place.</summary>
    public const int MaxPlaces = 16;

    /// <summary>A place that no field has taken.</summary>
    public const int None = -1;

    private const byte Unknown = 0;
    private const byte Passing = byte.MaxValue;

    // What the session has looked after already, or says of itself.
    private static readonly int[] s_ofSession =
    [
        Tag.BeginString, Tag.BodyLength, Tag.MsgType, Tag.MsgSeqNum, Tag.PossDupFlag, Tag.SenderCompId, Tag.SenderSubId, Tag.SendingTime,
        Tag.TargetCompId, Tag.TargetSubId, Tag.OrigSendingTime, Tag.SenderLocationId, Tag.TargetLocationId, Tag.LastMsgSeqNumProcessed,
        FixTags.MessageEncoding, FixTags.ApplVerId, Tag.CheckSum,
    ];

    // By tag; one load for each field of a message.
    private readonly byte[] _fates;
    private readonly string _schema;

    // What was found in the message before; messages of the same fields in the same order follow each other.
    private readonly int[] _found = new int[MaxPlaces];
    private FixFieldIndex? _index;
    private long _shape;

    /// <param name="schema">The name of the schema, for refusals.</param>
    /// <param name="places">The field of every place.</param>
    /// <param name="passing">Fields that may pass; one with a place is read all the same.</param>
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

    /// <summary>Finds the field of every place in a message.</summary>
    /// <param name="index">The fields of the message.</param>
    /// <param name="refused">The tag of a field that has no place or stands twice; 0 for none.</param>
    /// <returns>The field of every place, or <see cref="None"/>; until the next call.</returns>
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

    /// <summary>Finds the field of every place in a part of a message.</summary>
    /// <param name="index">The fields of the message.</param>
    /// <param name="first">The first field to look at.</param>
    /// <param name="end">The first one not to look at.</param>
    /// <param name="fields">Takes the field of every place; full of <see cref="None"/> before the first part.</param>
    /// <returns>The tag of a field that has no place or stands twice; 0 for none.</returns>
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

    /// <summary>Why a field was refused.</summary>
    public TranslateStatus Refuse(int tag)
    {
        bool hasPlace = (uint)tag < (uint)_fates.Length && _fates[tag] is not Unknown and not Passing;
        return Refusal.Of(tag, hasPlace ? "stands twice" : $"has no place in {_schema}; name it in PassingTags if it may be left out");
    }
}
