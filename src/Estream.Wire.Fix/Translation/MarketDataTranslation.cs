using Estream.Trading;
using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Translation;

/// <summary>Translates between MarketDataSnapshotFullRefresh (W), with opening, high, low and closing price and volume, and
/// EStreamMarketData.</summary>
internal sealed class MarketDataTranslation
{
    public const string MsgType = "W";

    private const int PossResend = 0;
    private const int Symbol = 1;
    private const int Volume = 2;
    private const int LastUpdate = 3;
    private const int Entries = 4;

    private const int EntryType = 0;
    private const int EntryPrice = 1;
    private const int EntrySize = 2;
    private const int EntryDate = 3;
    private const int EntryTime = 4;

    private const int MaxInstrument = 32;
    private const byte Open = (byte)'4';
    private const byte Close = (byte)'5';
    private const byte High = (byte)'7';
    private const byte Low = (byte)'8';
    private const byte TradeVolume = (byte)'B';
    private const int Kinds = 5;

    private readonly FieldPlan _plan;
    private readonly FieldPlan _entryPlan;
    private readonly FixProtocolKind _kind;
    private readonly int _quantityDecimals;
    private readonly MarketDataInterval _interval;

    public MarketDataTranslation(FixProtocolKind kind, FixTranslatorOptions options)
    {
        _kind = kind;
        _quantityDecimals = options.QuantityDecimals;
        _interval = Enum.Parse<MarketDataInterval>(options.Interval);
        _plan = new FieldPlan(nameof(EStreamMarketData), Tags, options.PassingTags);
        _entryPlan = new FieldPlan(nameof(EStreamMarketData), EntryTags, options.PassingTags);
    }

    // The tag of the field for each slot.
    private static ReadOnlySpan<int> Tags =>
        [FixTags.PossResend, FixTags.Symbol, FixTags.TotalVolumeTraded, FixTags.LastUpdateTime, FixTags.NoMdEntries];

    private static ReadOnlySpan<int> EntryTags =>
        [FixTags.MdEntryType, FixTags.MdEntryPx, FixTags.MdEntrySize, FixTags.MdEntryDate, FixTags.MdEntryTime];

    public TranslateStatus ToEsf(in FixMessage message, Span<byte> destination, out int length)
    {
        length = 0;
        if (destination.Length < EStreamMarketData.MaxLength)
        {
            return TranslateStatus.DestinationTooSmall;
        }

        FixFieldIndex index = message.Index;
        int count = index.Find(FixTags.NoMdEntries);
        if (count < 0)
        {
            return Refusal.Of(FixTags.NoMdEntries, "is missing");
        }

        int end = EndOfEntries(index, count + 1);
        Span<int> found = stackalloc int[FieldPlan.MaxPlaces];
        found.Fill(FieldPlan.None);
        int refused = _plan.Find(index, 0, count + 1, found);
        refused = refused != 0 ? refused : _plan.Find(index, end, index.Count, found);
        if (refused != 0)
        {
            return _plan.Refuse(refused);
        }

        PlacedFields fields = new(message.Bytes, index, found);
        Bar bar = default;
        TranslateStatus status = ReadBody(fields, ref bar);
        if (status.IsOk)
        {
            status = ReadEntries(message, count + 1, end, ref bar);
        }

        if (status.IsOk && (!message.Fields.TryGetNumber(FixTags.NoMdEntries, out long entries) || entries != bar.Entries))
        {
            status = Refusal.Of(FixTags.NoMdEntries, "does not match the number of entries");
        }

        return status.IsOk ? Write(fields, bar, destination, out length) : status;
    }

    public TranslateStatus ToFix(ReadOnlySpan<byte> message, FixMessageBuilder destination)
    {
        if (!EStreamMarketData.View.TryOf(message, out EStreamMarketData.View data))
        {
            return TranslateStatus.NotMapped("the message is not an EStreamMarketData of a supported version");
        }

        if (data.Interval != _interval)
        {
            return Refusal.Of("interval", "differs from the agreed interval (Interval), and FIX does not carry it");
        }

        destination.Clear(MsgType);
        if (!Outgoing.TryText(destination, FixTags.Symbol, data.Instrument))
        {
            return Outgoing.NoText("instrument");
        }

        Span<byte> time = stackalloc byte[ExactTime.MaxLength];
        time = time[..ExactTime.Write(time, data.Timestamp)];
        if (time.IsEmpty)
        {
            return Outgoing.NoTime("timestamp");
        }

        if (_kind == FixProtocolKind.Fixt)
        {
            destination.Add(FixTags.LastUpdateTime, time);
            time = default;
        }

        bool hasVolumeEntry = _kind != FixProtocolKind.Fix42;
        if (!hasVolumeEntry && !Outgoing.TryAmount(destination, FixTags.TotalVolumeTraded, data.Volume, _quantityDecimals))
        {
            return Outgoing.TooLarge("volume");
        }

        destination.Add(FixTags.NoMdEntries, hasVolumeEntry ? Kinds : Kinds - 1);
        bool fits = TryAddPrice(destination, Open, data.Open, time) && TryAddPrice(destination, High, data.High, time)
            && TryAddPrice(destination, Low, data.Low, time) && TryAddPrice(destination, Close, data.Close, time)
            && (!hasVolumeEntry || TryAddVolume(destination, data.Volume, time));
        return fits ? TranslateStatus.Ok : Outgoing.TooLarge("open, high, low, close or volume");
    }

    /// <summary>Finds the end of the entries: the next body field that has a slot, or CheckSum.</summary>
    private static int EndOfEntries(FixFieldIndex index, int first)
    {
        int field = first;
        while (field < index.Count && index.TagOf(field) != Tag.CheckSum && !Tags.Contains(index.TagOf(field)))
        {
            field++;
        }

        return field;
    }

    private TranslateStatus ReadBody(in PlacedFields fields, ref Bar bar)
    {
        if (fields.IsPossResend(PossResend))
        {
            return Refusal.Of(FixTags.PossResend, "says that the data may have been sent before, which EStreamMarketData cannot express");
        }

        if (fields.Has(LastUpdate) && (!fields.TryTime(LastUpdate, out long time) || !bar.TryTime(time)))
        {
            return Refusal.Of(FixTags.LastUpdateTime, "is not a time in nanoseconds");
        }

        if (fields.Has(Volume) && (!fields.TryAmount(Volume, _quantityDecimals, out ulong volume) || !bar.TrySet(TradeVolume, volume)))
        {
            return Refusal.Of(FixTags.TotalVolumeTraded, "is not an exact quantity in base units");
        }

        return TranslateStatus.Ok;
    }

    private TranslateStatus ReadEntries(in FixMessage message, int first, int end, ref Bar bar)
    {
        Span<int> found = stackalloc int[FieldPlan.MaxPlaces];
        while (first < end)
        {
            int next = first + 1;
            while (next < end && message.Index.TagOf(next) != FixTags.MdEntryType)
            {
                next++;
            }

            found.Fill(FieldPlan.None);
            int refused = _entryPlan.Find(message.Index, first, next, found);
            if (refused != 0)
            {
                return _entryPlan.Refuse(refused);
            }

            TranslateStatus status = ReadEntry(new PlacedFields(message.Bytes, message.Index, found), ref bar);
            if (!status.IsOk)
            {
                return status;
            }

            bar.Entries++;
            first = next;
        }

        return TranslateStatus.Ok;
    }

    private TranslateStatus ReadEntry(in PlacedFields fields, ref Bar bar)
    {
        byte kind = fields.Code(EntryType);
        if (kind is not (Open or Close or High or Low or TradeVolume))
        {
            return Refusal.Of(FixTags.MdEntryType,
                "is not one of 4 (opening), 5 (closing), 7 (high), 8 (low), B (volume): EStreamMarketData has no other");
        }

        bool isVolume = kind == TradeVolume;
        if (fields.Has(isVolume ? EntryPrice : EntrySize))
        {
            return Refusal.Of(isVolume ? FixTags.MdEntryPx : FixTags.MdEntrySize, "is not allowed in an entry of this type");
        }

        ulong amount;
        bool isExact = isVolume
            ? fields.TryAmount(EntrySize, _quantityDecimals, out amount)
            : fields.TryAmount(EntryPrice, PlacedFields.PriceDecimals, out amount);
        if (!isExact)
        {
            return Refusal.Of(isVolume ? FixTags.MdEntrySize : FixTags.MdEntryPx, "is missing, negative, or not exact in its decimals");
        }

        if (!bar.TrySet(kind, amount))
        {
            return Refusal.Of(FixTags.MdEntryType, "occurs twice with the same value, or together with TotalVolumeTraded");
        }

        return ReadTime(fields, ref bar);
    }

    private static TranslateStatus ReadTime(in PlacedFields fields, ref Bar bar)
    {
        if (!fields.Has(EntryDate) && !fields.Has(EntryTime))
        {
            return TranslateStatus.Ok;
        }

        if (!FixText.TryDay(fields[EntryDate], out long day) || !ExactTime.TryReadTimeOfDay(fields[EntryTime], out long ofDay))
        {
            return Refusal.Of(FixTags.MdEntryDate, "and MDEntryTime (273) are not a day and a time in nanoseconds");
        }

        return bar.TryTime(day + ofDay)
            ? TranslateStatus.Ok
            : Refusal.Of(FixTags.MdEntryTime, "differs from the time of the rest of the message; EStreamMarketData has one time");
    }

    private TranslateStatus Write(PlacedFields fields, in Bar bar, Span<byte> destination, out int length)
    {
        length = 0;
        if (!bar.IsWhole)
        {
            return Refusal.Of(FixTags.NoMdEntries, "needs opening, closing, high and low price, volume, and their time");
        }

        if (!fields.TryText(Symbol, MaxInstrument, out ReadOnlySpan<byte> instrument))
        {
            return Refusal.Of(FixTags.Symbol, "is missing, or is not a text of up to 32 bytes");
        }

        EStreamMarketData.Writer data = EStreamMarketData.Write(destination);
        data.SetInstrument(instrument);
        data.Interval = _interval;
        data.Open = bar.Open;
        data.High = bar.High;
        data.Low = bar.Low;
        data.Close = bar.Close;
        data.Volume = bar.Volume;
        data.Timestamp = bar.Time;
        length = data.Length;
        return TranslateStatus.Ok;
    }

    private static bool TryAddPrice(FixMessageBuilder message, byte kind, ulong price, ReadOnlySpan<byte> time)
    {
        Outgoing.Code(message, FixTags.MdEntryType, kind);
        bool fits = Outgoing.TryAmount(message, FixTags.MdEntryPx, price, PlacedFields.PriceDecimals);
        AddTime(message, time);
        return fits;
    }

    private bool TryAddVolume(FixMessageBuilder message, ulong volume, ReadOnlySpan<byte> time)
    {
        Outgoing.Code(message, FixTags.MdEntryType, TradeVolume);
        bool fits = Outgoing.TryAmount(message, FixTags.MdEntrySize, volume, _quantityDecimals);
        AddTime(message, time);
        return fits;
    }

    private static void AddTime(FixMessageBuilder message, ReadOnlySpan<byte> time)
    {
        if (!time.IsEmpty)
        {
            message.Add(FixTags.MdEntryDate, time[..ExactTime.DayLength]);
            message.Add(FixTags.MdEntryTime, time[(ExactTime.DayLength + 1)..]);
        }
    }

    /// <summary>Collects the values of the entries, each at most once.</summary>
    private struct Bar
    {
        private byte _known;
        private bool _hasTime;

        public ulong Open { get; private set; }

        public ulong High { get; private set; }

        public ulong Low { get; private set; }

        public ulong Close { get; private set; }

        public ulong Volume { get; private set; }

        public long Time { get; private set; }

        public int Entries { get; set; }

        public readonly bool IsWhole => _known == (1 << Kinds) - 1 && _hasTime;

        public bool TrySet(byte kind, ulong amount)
        {
            int place = kind switch
            {
                MarketDataTranslation.Open => 0,
                MarketDataTranslation.High => 1,
                MarketDataTranslation.Low => 2,
                MarketDataTranslation.Close => 3,
                _ => 4,
            };
            bool isNew = (_known & (1 << place)) == 0;
            _known |= (byte)(1 << place);
            Open = place == 0 ? amount : Open;
            High = place == 1 ? amount : High;
            Low = place == 2 ? amount : Low;
            Close = place == 3 ? amount : Close;
            Volume = place == 4 ? amount : Volume;
            return isNew;
        }

        public bool TryTime(long utcNanos)
        {
            bool isSame = !_hasTime || Time == utcNanos;
            Time = utcNanos;
            _hasTime = true;
            return isSame;
        }
    }
}
