using Estream.Fix;

namespace Estream.Wire.Fix.Translation;

// From ESF to FIX.
internal sealed partial class BookTranslation
{
    public TranslateStatus ToFix(ReadOnlySpan<byte> message, FixMessageBuilder destination)
    {
        if (!FixMarketData.View.TryOf(message, out FixMarketData.View data))
        {
            return TranslateStatus.NotMapped("the message is not a FixMarketData of a supported version");
        }

        int count = data.Entries.Count;
        if (count is 0 or > MaxEntries)
        {
            return Refusal.Of("entries", "has no entry, or more than 1000");
        }

        bool isSnapshot = data.IsSnapshot;
        Dictionary.FixFieldSet? body = isSnapshot ? _snapshotBody : _changesBody;
        destination.Clear(isSnapshot ? Snapshot : Changes);
        FieldSender fields = new(destination, body);
        fields.PossibleResend(data.PossibleResend);
        fields.Text(FixTags.MdReqId, data.RequestId);
        if (isSnapshot)
        {
            fields.Required(FixTags.Symbol, data.Instrument);
        }

        fields.Amount(FixTags.TotalVolumeTraded, data.TotalVolume, _quantityDecimals);
        fields.Time(FixTags.LastUpdateTime, data.UpdatedAt);
        fields.Signed(FixTags.NoMdEntries, count, 0);
        Dictionary.FixGroupDefinition? group = null;
        body?.TryGet(FixTags.NoMdEntries, out group);
        FieldSender entryFields = new(destination, group?.Entry);
        foreach (FixMarketData.EntriesItemView entry in data.Entries)
        {
            AddEntry(entry, ref entryFields, isSnapshot);
        }

        return fields.Status.IsOk ? entryFields.Status : fields.Status;
    }

    private void AddEntry(in FixMarketData.EntriesItemView entry, ref FieldSender fields, bool isSnapshot)
    {
        // A receiver recognizes the start of an entry by its first field.
        if (isSnapshot)
        {
            fields.Required(FixTags.MdEntryType, entry.KindCode);
        }
        else
        {
            fields.Required(FixTags.MdUpdateAction, entry.ActionCode);
            fields.Text(FixTags.MdEntryType, entry.KindCode);
        }

        fields.Text(FixTags.MdEntryId, entry.EntryId);
        fields.Text(FixTags.MdEntryRefId, entry.ReferenceId);
        fields.Text(FixTags.Symbol, entry.Instrument);
        fields.Signed(FixTags.MdEntryPx, entry.Price, PriceDecimals);
        fields.Amount(FixTags.MdEntrySize, entry.Quantity, _quantityDecimals);
        fields.Text(FixTags.Currency, entry.Currency);
        fields.DateAndTime(FixTags.MdEntryDate, FixTags.MdEntryTime, entry.At);
        fields.Text(FixTags.TickDirection, entry.TickCode);
        fields.Text(FixTags.MdMkt, entry.Venue);
        fields.Text(FixTags.QuoteCondition, entry.QuoteConditions);
        fields.Text(FixTags.TradeCondition, entry.TradeConditions);
        fields.Text(FixTags.DeleteReason, entry.DeleteReasonCode);
        fields.Number(FixTags.MdEntryPositionNo, entry.Position);
        fields.Text(FixTags.OrderId, entry.OrderId);
        fields.Number(FixTags.NumberOfOrders, entry.OrderCount);
        fields.Number(FixTags.MdPriceLevel, entry.Level);
    }
}
