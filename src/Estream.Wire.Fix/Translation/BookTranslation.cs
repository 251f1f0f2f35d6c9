using Estream.Fix;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Dictionary;

namespace Estream.Wire.Fix.Translation;

/// <summary>Translates between market data, as a snapshot (W) or as changes (X), and FixMarketData.</summary>
internal sealed partial class BookTranslation
{
    public const string Snapshot = "W";
    public const string Changes = "X";

    /// <summary>The maximum number of entries in a message.</summary>
    public const int MaxEntries = 1_000;

    // An upper bound for an entry without its texts, which are not longer than in FIX.
    private const int EntryLength = 256;

    private const int MaxName = 64;
    private const int MaxInstrument = 32;
    private const int PriceDecimals = FieldReader.PriceDecimals;

    private readonly FieldPlan _plan;
    private readonly FieldPlan _entryPlan;
    private readonly FixFieldSet? _snapshotBody;
    private readonly FixFieldSet? _changesBody;
    private readonly int[] _found = new int[FieldPlan.MaxPlaces];
    private readonly int[] _entryFound = new int[FieldPlan.MaxPlaces];
    private readonly int _quantityDecimals;

    public BookTranslation(FixProtocol protocol, FixTranslatorOptions options)
    {
        _plan = new FieldPlan(nameof(FixMarketData), Tags, options.PassingTags);
        _entryPlan = new FieldPlan(nameof(FixMarketData), EntryTags, options.PassingTags);
        _snapshotBody = protocol.Application.Message("W"u8)?.Body;
        _changesBody = protocol.Application.Message("X"u8)?.Body;
        _quantityDecimals = options.QuantityDecimals;
    }

    private static ReadOnlySpan<int> Tags =>
    [
        FixTags.MdReqId, FixTags.Symbol, FixTags.TotalVolumeTraded, FixTags.LastUpdateTime, Tag.SendingTime, Tag.OrigSendingTime,
        FixTags.PossResend, FixTags.NoMdEntries,
    ];

    private static ReadOnlySpan<int> EntryTags =>
    [
        FixTags.MdUpdateAction, FixTags.MdEntryType, FixTags.MdEntryId, FixTags.MdEntryRefId, FixTags.Symbol, FixTags.MdEntryPx,
        FixTags.MdEntrySize, FixTags.Currency, FixTags.MdEntryDate, FixTags.MdEntryTime, FixTags.TickDirection, FixTags.MdMkt,
        FixTags.QuoteCondition, FixTags.TradeCondition, FixTags.DeleteReason, FixTags.MdEntryPositionNo, FixTags.OrderId,
        FixTags.NumberOfOrders, FixTags.MdPriceLevel,
    ];

    public TranslateStatus ToEsf(in FixMessage message, Span<byte> destination, out int length)
    {
        length = 0;
        FixFieldIndex index = message.Index;
        int first = index.Find(FixTags.NoMdEntries) + 1;
        if (first == 0)
        {
            return Refusal.Of(FixTags.NoMdEntries, "is missing");
        }

        int end = EndOfEntries(index, first);
        bool isSnapshot = message.MsgType.SequenceEqual("W"u8);
        int delimiter = isSnapshot ? FixTags.MdEntryType : FixTags.MdUpdateAction;
        TranslateStatus status = Count(message, first, end, delimiter, out int count);
        if (!status.IsOk)
        {
            return status;
        }

        if (destination.Length < FixMarketData.FixedLength + (count * EntryLength) + message.Bytes.Length)
        {
            return TranslateStatus.DestinationTooSmall;
        }

        _found.AsSpan().Fill(FieldPlan.None);
        int refused = _plan.Find(index, 0, first, _found);
        refused = refused != 0 ? refused : _plan.Find(index, end, index.Count, _found);
        if (refused != 0)
        {
            return _plan.Refuse(refused);
        }

        FieldReader fields = new(message.Bytes, index, _plan, _found);
        FixMarketData.Writer data = FixMarketData.Write(destination);
        long sentAt = ReadBody(ref fields, ref data, isSnapshot);
        status = fields.Status.IsOk ? ReadEntries(message, (first, end), delimiter, sentAt, ref data) : fields.Status;
        length = status.IsOk ? data.Length : 0;
        return status;
    }

    /// <summary>Finds the end of the entries: the next field that only the body has, or CheckSum.</summary>
    private static int EndOfEntries(FixFieldIndex index, int first)
    {
        int field = first;
        while (field < index.Count && index.TagOf(field) is var tag && tag != Tag.CheckSum
            && (EntryTags.Contains(tag) || !Tags.Contains(tag)))
        {
            field++;
        }

        return field;
    }

    /// <summary>Counts the entries, and compares their number with the message's.</summary>
    private static TranslateStatus Count(in FixMessage message, int first, int end, int delimiter, out int count)
    {
        count = message.Index.Tags[first..end].Count(delimiter);
        if (!message.Fields.TryGetNumber(FixTags.NoMdEntries, out long said) || said != count)
        {
            return Refusal.Of(FixTags.NoMdEntries, "does not match the number of entries");
        }

        return count is > 0 and <= MaxEntries
            ? TranslateStatus.Ok
            : Refusal.Of(FixTags.NoMdEntries, "is not in the range 1 to 1000");
    }

    private long ReadBody(ref FieldReader fields, ref FixMarketData.Writer data, bool isSnapshot)
    {
        data.IsSnapshot = isSnapshot;
        if (fields.Text(FixTags.MdReqId, MaxName, out ReadOnlySpan<byte> text))
        {
            data.SetRequestId(text);
        }

        if (isSnapshot)
        {
            fields.Require([FixTags.Symbol]);
        }

        if (fields.Text(FixTags.Symbol, MaxInstrument, out text))
        {
            data.SetInstrument(text);
        }

        if (fields.Amount(FixTags.TotalVolumeTraded, _quantityDecimals, out ulong volume))
        {
            data.TotalVolume = volume;
        }

        if (fields.Time(FixTags.LastUpdateTime, out long time))
        {
            data.UpdatedAt = time;
        }

        long sentAt = fields.SentAt();
        data.SentAt = sentAt;
        data.PossibleResend = fields.Flag(FixTags.PossResend, out bool isPossible) && isPossible;
        return sentAt;
    }

    private TranslateStatus ReadEntries(
        in FixMessage message, (int First, int End) range, int delimiter, long sentAt, ref FixMarketData.Writer data)
    {
        ReadOnlySpan<int> tags = message.Index.Tags;
        if (tags[range.First] != delimiter)
        {
            return Refusal.Of(delimiter, "must be the first field of every entry");
        }

        Esf.Items.EsfNestedArrayWriter<FixMarketData.EntriesItemWriter> entries = data.BeginEntries();
        int first = range.First;
        while (first < range.End)
        {
            int rest = tags[(first + 1)..range.End].IndexOf(delimiter);
            int next = rest < 0 ? range.End : first + 1 + rest;
            _entryFound.AsSpan().Fill(FieldPlan.None);
            int refused = _entryPlan.Find(message.Index, first, next, _entryFound);
            if (refused != 0)
            {
                return _entryPlan.Refuse(refused);
            }

            FieldReader fields = new(message.Bytes, message.Index, _entryPlan, _entryFound);
            FixMarketData.EntriesItemWriter entry = entries.Begin();
            ReadEntry(ref fields, sentAt, ref entry);
            ReadTrade(ref fields, ref entry);
            ReadPlace(ref fields, ref entry);
            if (!fields.Status.IsOk)
            {
                return fields.Status;
            }

            entries.End(entry);
            first = next;
        }

        data.EndEntries(entries);
        return TranslateStatus.Ok;
    }

    private void ReadEntry(ref FieldReader fields, long sentAt, ref FixMarketData.EntriesItemWriter entry)
    {
        if (fields.Code(FixTags.MdUpdateAction, FixCodes.UpdateActions, out ReadOnlySpan<byte> code, out int value))
        {
            entry.SetActionCode(code);
            if (value >= 0)
            {
                entry.Action = (FixUpdateAction)value;
            }
        }

        if (fields.Code(FixTags.MdEntryType, FixCodes.EntryKinds, out code, out value))
        {
            entry.SetKindCode(code);
            if (value >= 0)
            {
                entry.Kind = (FixEntryKind)value;
            }
        }

        if (fields.Text(FixTags.MdEntryId, MaxName, out ReadOnlySpan<byte> text))
        {
            entry.SetEntryId(text);
        }

        if (fields.Text(FixTags.MdEntryRefId, MaxName, out text))
        {
            entry.SetReferenceId(text);
        }

        if (fields.Text(FixTags.Symbol, MaxInstrument, out text))
        {
            entry.SetInstrument(text);
        }

        if (fields.Signed(FixTags.MdEntryPx, PriceDecimals, out long price))
        {
            entry.Price = price;
        }

        if (fields.Amount(FixTags.MdEntrySize, _quantityDecimals, out ulong amount))
        {
            entry.Quantity = amount;
        }

        if (fields.Text(FixTags.Currency, FieldReader.MaxCode, out text))
        {
            entry.SetCurrency(text);
        }

        if (fields.DateAndTime(FixTags.MdEntryDate, FixTags.MdEntryTime, sentAt, out long time))
        {
            entry.At = time;
        }
    }

    private static void ReadTrade(ref FieldReader fields, ref FixMarketData.EntriesItemWriter entry)
    {
        if (fields.Text(FixTags.TickDirection, FieldReader.MaxCode, out ReadOnlySpan<byte> text))
        {
            entry.SetTickCode(text);
        }

        if (fields.Text(FixTags.MdMkt, MaxInstrument, out text))
        {
            entry.SetVenue(text);
        }

        if (fields.Text(FixTags.QuoteCondition, MaxName, out text))
        {
            entry.SetQuoteConditions(text);
        }

        if (fields.Text(FixTags.TradeCondition, MaxName, out text))
        {
            entry.SetTradeConditions(text);
        }

        if (fields.Text(FixTags.DeleteReason, FieldReader.MaxCode, out text))
        {
            entry.SetDeleteReasonCode(text);
        }
    }

    private static void ReadPlace(ref FieldReader fields, ref FixMarketData.EntriesItemWriter entry)
    {
        if (fields.Number(FixTags.MdEntryPositionNo, out uint number))
        {
            entry.Position = number;
        }

        if (fields.Text(FixTags.OrderId, MaxName, out ReadOnlySpan<byte> text))
        {
            entry.SetOrderId(text);
        }

        if (fields.Number(FixTags.NumberOfOrders, out number))
        {
            entry.OrderCount = number;
        }

        if (fields.Number(FixTags.MdPriceLevel, out number))
        {
            entry.Level = number;
        }
    }
}
