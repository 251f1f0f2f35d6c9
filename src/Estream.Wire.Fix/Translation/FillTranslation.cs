using Estream.Trading;

namespace Estream.Wire.Fix.Translation;

/// <summary>Translates between ExecutionReport (8) of a trade and EStreamFill. Other execution reports are not fills.</summary>
internal sealed class FillTranslation
{
    public const string MsgType = "8";

    private const int PossResend = 0;
    private const int ExecId = 1;
    private const int ExecType = 2;
    private const int ExecTransType = 3;
    private const int OrderId = 4;
    private const int ClOrdId = 5;
    private const int SecondaryClOrdId = 6;
    private const int Symbol = 7;
    private const int Side = 8;
    private const int LastQty = 9;
    private const int LastPx = 10;
    private const int Commission = 11;
    private const int CommType = 12;
    private const int LastMkt = 13;
    private const int TransactTime = 14;

    private const int MaxName = 32;
    private const byte Absolute = (byte)'3';

    // The order state that FIX requires in a report. EStreamFill has no fields for it, because it can be derived from the order and its
    // fills.
    private static readonly int[] s_ofTheOrder = [FixTags.OrdStatus, FixTags.CumQty, FixTags.LeavesQty, FixTags.AvgPx];

    private readonly FieldPlan _plan;
    private readonly bool _isFix42;
    private readonly int _quantityDecimals;

    public FillTranslation(FixProtocolKind kind, FixTranslatorOptions options)
    {
        _isFix42 = kind == FixProtocolKind.Fix42;
        _quantityDecimals = options.QuantityDecimals;
        _plan = new FieldPlan(nameof(EStreamFill), Tags, [.. options.PassingTags, .. s_ofTheOrder]);
    }

    // The tag of the field for each slot.
    private static ReadOnlySpan<int> Tags =>
    [
        FixTags.PossResend, FixTags.ExecId, FixTags.ExecType, FixTags.ExecTransType, FixTags.OrderId, FixTags.ClOrdId,
        FixTags.SecondaryClOrdId,
        FixTags.Symbol, FixTags.Side, FixTags.LastQty, FixTags.LastPx, FixTags.Commission, FixTags.CommType, FixTags.LastMkt,
        FixTags.TransactTime,
    ];

    public TranslateStatus ToEsf(in FixMessage message, Span<byte> destination, out int length)
    {
        length = 0;
        if (destination.Length < EStreamFill.MaxLength)
        {
            return TranslateStatus.DestinationTooSmall;
        }

        // Check the kind of report before the fields, because other reports have fields that a fill does not have.
        if (!IsTrade(message))
        {
            return TranslateStatus.NotMapped(
                "the execution report is not for a trade (ExecType F; in FIX 4.2 1 or 2 with ExecTransType 0)");
        }

        ReadOnlySpan<int> found = _plan.Find(message.Index, out int refused);
        if (refused != 0)
        {
            return _plan.Refuse(refused);
        }

        PlacedFields fields = new(message.Bytes, message.Index, found);
        EStreamFill.Writer fill = EStreamFill.Write(destination);
        TranslateStatus status = Identify(fields, ref fill);
        if (status.IsOk)
        {
            status = Describe(fields, ref fill);
        }

        if (status.IsOk)
        {
            length = fill.Length;
        }

        return status;
    }

    public TranslateStatus ToFix(ReadOnlySpan<byte> message, in FixFillState state, FixMessageBuilder destination)
    {
        if (!EStreamFill.View.TryOf(message, out EStreamFill.View fill))
        {
            return TranslateStatus.NotMapped("the message is not an EStreamFill of a supported version");
        }

        destination.Clear(MsgType);
        TranslateStatus status = AddNames(fill, state, destination);
        if (!status.IsOk)
        {
            return status;
        }

        byte orderStatus = state.LeavesQuantity == 0 ? (byte)'2' : (byte)'1';
        if (_isFix42)
        {
            Outgoing.Code(destination, FixTags.ExecTransType, (byte)'0');
        }

        Outgoing.Code(destination, FixTags.ExecType, _isFix42 ? orderStatus : (byte)'F');
        Outgoing.Code(destination, FixTags.OrdStatus, orderStatus);
        if (!Outgoing.TryText(destination, FixTags.Symbol, fill.Instrument))
        {
            return Outgoing.NoText("instrument");
        }

        if (!OrderTranslation.TryCode(fill.Side, out byte side))
        {
            return Refusal.Of("side", "has an unknown value");
        }

        Outgoing.Code(destination, FixTags.Side, side);
        if (!TryAmounts(fill, state, destination))
        {
            return Outgoing.TooLarge("quantity, price or fee");
        }

        if (fill.HasVenue && !Outgoing.TryText(destination, FixTags.LastMkt, fill.Venue))
        {
            return Outgoing.NoText("venue");
        }

        return Outgoing.TryTime(destination, FixTags.TransactTime, fill.ExecutedAt) ? TranslateStatus.Ok : Outgoing.NoTime("executed_at");
    }

    private bool IsTrade(in FixMessage message)
    {
        if (!_isFix42)
        {
            return message.Fields.Is(FixTags.ExecType, "F"u8);
        }

        return message.Fields.Is(FixTags.ExecTransType, "0"u8)
            && (message.Fields.Is(FixTags.ExecType, "1"u8) || message.Fields.Is(FixTags.ExecType, "2"u8));
    }

    private static TranslateStatus Identify(scoped in PlacedFields fields, ref EStreamFill.Writer fill)
    {
        if (fields.IsPossResend(PossResend))
        {
            return Refusal.Of(FixTags.PossResend, "says that the fill may have been sent before, which EStreamFill cannot express");
        }

        Span<byte> id = stackalloc byte[FixIdText.Length];
        if (!fields.TryId(ExecId, id))
        {
            return Refusal.Of(FixTags.ExecId, OrderTranslation.NoId);
        }

        fill.SetFillId(id);

        // The order id that our side assigned, as in EStreamOrder; the venue's OrderID only if there is no other id.
        int place = fields.Has(SecondaryClOrdId) ? SecondaryClOrdId : fields.Has(ClOrdId) ? ClOrdId : OrderId;
        if (!fields.TryId(place, id))
        {
            return Refusal.Of(Tags[place], OrderTranslation.NoId);
        }

        fill.SetOrderId(id);
        if (!fields.TryText(Symbol, MaxName, out ReadOnlySpan<byte> instrument))
        {
            return Refusal.Of(FixTags.Symbol, "is missing, or is not a text of up to 32 bytes");
        }

        fill.SetInstrument(instrument);
        if (fields.Has(LastMkt))
        {
            if (!fields.TryText(LastMkt, MaxName, out ReadOnlySpan<byte> venue))
            {
                return Refusal.Of(FixTags.LastMkt, "is not a text of up to 32 bytes");
            }

            fill.SetVenue(venue);
        }

        return TranslateStatus.Ok;
    }

    private TranslateStatus Describe(scoped in PlacedFields fields, ref EStreamFill.Writer fill)
    {
        if (!OrderTranslation.TrySide(fields.Code(Side), out OrderSide side))
        {
            return Refusal.Of(FixTags.Side, "is neither 1 (buy) nor 2 (sell)");
        }

        if (!fields.TryAmount(LastQty, _quantityDecimals, out ulong quantity))
        {
            return Refusal.Of(FixTags.LastQty, "is missing, or is not an exact quantity in base units");
        }

        if (!fields.TryAmount(LastPx, PlacedFields.PriceDecimals, out ulong price))
        {
            return Refusal.Of(FixTags.LastPx, "is missing, negative, or not exact in 8 decimals");
        }

        if (!TryFee(fields, out ulong fee))
        {
            return Refusal.Of(FixTags.Commission, "is not an absolute amount (CommType 3), is negative, or is not exact in 8 decimals");
        }

        if (!fields.TryTime(TransactTime, out long executedAt))
        {
            return Refusal.Of(FixTags.TransactTime, "is missing, or is not a time in nanoseconds");
        }

        fill.Side = side;
        fill.Quantity = quantity;
        fill.Price = price;
        fill.Fee = fee;
        fill.ExecutedAt = executedAt;
        return TranslateStatus.Ok;
    }

    /// <summary>Reads the fee. A report without a commission has a fee of 0.</summary>
    private static bool TryFee(scoped in PlacedFields fields, out ulong fee)
    {
        fee = 0;
        if (!fields.Has(Commission))
        {
            return !fields.Has(CommType);
        }

        return fields.Code(CommType) == Absolute && fields.TryAmount(Commission, PlacedFields.PriceDecimals, out fee);
    }

    private TranslateStatus AddNames(in EStreamFill.View fill, in FixFillState state, FixMessageBuilder destination)
    {
        Span<byte> text = stackalloc byte[FixIdText.MaxTextLength];
        destination.Add(FixTags.ExecId, text[..FixIdText.Write(fill.FillId, text)]);
        int length = FixIdText.Write(fill.OrderId, text);
        destination.Add(FixTags.OrderId, text[..length]);
        ReadOnlySpan<byte> clientOrderId = state.ClientOrderId.IsEmpty ? text[..length] : state.ClientOrderId;
        if (!Outgoing.TryText(destination, FixTags.ClOrdId, clientOrderId))
        {
            return Outgoing.NoText("ClientOrderId");
        }

        if (clientOrderId.SequenceEqual(text[..length]))
        {
            return TranslateStatus.Ok;
        }

        if (_isFix42)
        {
            return Refusal.Of("order_id", "does not match ClientOrderId, and FIX 4.2 has no second order id");
        }

        destination.Add(FixTags.SecondaryClOrdId, text[..length]);
        return TranslateStatus.Ok;
    }

    private bool TryAmounts(in EStreamFill.View fill, in FixFillState state, FixMessageBuilder destination)
    {
        if (fill.Fee > 0)
        {
            if (!Outgoing.TryAmount(destination, FixTags.Commission, fill.Fee, PlacedFields.PriceDecimals))
            {
                return false;
            }

            Outgoing.Code(destination, FixTags.CommType, Absolute);
        }

        return Outgoing.TryAmount(destination, FixTags.LastQty, fill.Quantity, _quantityDecimals)
            && Outgoing.TryAmount(destination, FixTags.LastPx, fill.Price, PlacedFields.PriceDecimals)
            && Outgoing.TryAmount(destination, FixTags.LeavesQty, state.LeavesQuantity, _quantityDecimals)
            && Outgoing.TryAmount(destination, FixTags.CumQty, state.CumQuantity, _quantityDecimals)
            && Outgoing.TryAmount(destination, FixTags.AvgPx, state.AveragePrice, PlacedFields.PriceDecimals);
    }
}
