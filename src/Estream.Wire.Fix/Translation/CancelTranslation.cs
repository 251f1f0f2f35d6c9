using Estream.Fix;

namespace Estream.Wire.Fix.Translation;

/// <summary>Translates between OrderCancelRequest (F) and FixOrderCancel.</summary>
internal sealed class CancelTranslation
{
    public const string MsgType = "F";

    private const int PossResend = 0;
    private const int OrigClOrdId = 1;
    private const int ClOrdId = 2;
    private const int OrderId = 3;
    private const int Symbol = 4;
    private const int Side = 5;
    private const int Quantity = 6;
    private const int TransactTime = 7;
    private const int Text = 8;

    private const int MaxName = 64;
    private const int MaxInstrument = 32;
    private const int MaxText = 256;

    private readonly FieldPlan _plan;
    private readonly int _quantityDecimals;

    public CancelTranslation(FixTranslatorOptions options)
    {
        _quantityDecimals = options.QuantityDecimals;
        _plan = new FieldPlan(nameof(FixOrderCancel), Tags, options.PassingTags);
    }

    // The tag of the field for each slot.
    private static ReadOnlySpan<int> Tags =>
    [
        FixTags.PossResend, FixTags.OrigClOrdId, FixTags.ClOrdId, FixTags.OrderId, FixTags.Symbol, FixTags.Side, FixTags.OrderQty,
        FixTags.TransactTime, Codec.Tag.Text,
    ];

    public TranslateStatus ToEsf(in FixMessage message, Span<byte> destination, out int length)
    {
        length = 0;
        if (destination.Length < FixOrderCancel.MaxLength)
        {
            return TranslateStatus.DestinationTooSmall;
        }

        ReadOnlySpan<int> found = _plan.Find(message.Index, out int refused);
        if (refused != 0)
        {
            return _plan.Refuse(refused);
        }

        PlacedFields fields = new(message.Bytes, message.Index, found);
        FixOrderCancel.Writer cancel = FixOrderCancel.Write(destination);
        TranslateStatus status = Identify(fields, ref cancel);
        if (status.IsOk)
        {
            status = Describe(fields, ref cancel);
        }

        if (status.IsOk)
        {
            length = cancel.Length;
        }

        return status;
    }

    public TranslateStatus ToFix(ReadOnlySpan<byte> message, FixMessageBuilder destination)
    {
        if (!FixOrderCancel.View.TryOf(message, out FixOrderCancel.View cancel))
        {
            return TranslateStatus.NotMapped("the message is not a FixOrderCancel of a supported version");
        }

        destination.Clear(MsgType);
        bool isText = Outgoing.TryText(destination, FixTags.OrigClOrdId, cancel.OriginalClientOrderId)
            && (!cancel.HasOrderId || Outgoing.TryText(destination, FixTags.OrderId, cancel.OrderId))
            && Outgoing.TryText(destination, FixTags.ClOrdId, cancel.ClientOrderId)
            && Outgoing.TryText(destination, FixTags.Symbol, cancel.Instrument);
        if (!isText)
        {
            return Outgoing.NoText("original_client_order_id, order_id, client_order_id or instrument");
        }

        if (cancel.Side is not (FixSide.Buy or FixSide.Sell))
        {
            return Refusal.Of("side", "has an unknown value");
        }

        Outgoing.Code(destination, FixTags.Side, cancel.Side == FixSide.Buy ? (byte)'1' : (byte)'2');
        if (!Outgoing.TryTime(destination, FixTags.TransactTime, cancel.RequestedAt))
        {
            return Outgoing.NoTime("requested_at");
        }

        if (cancel.Quantity is { } quantity && !Outgoing.TryAmount(destination, FixTags.OrderQty, quantity, _quantityDecimals))
        {
            return Outgoing.TooLarge("quantity");
        }

        return !cancel.HasText || Outgoing.TryText(destination, Codec.Tag.Text, cancel.Text) ? TranslateStatus.Ok : Outgoing.NoText("text");
    }

    private static TranslateStatus Identify(scoped in PlacedFields fields, ref FixOrderCancel.Writer cancel)
    {
        if (fields.IsPossResend(PossResend))
        {
            return Refusal.Of(FixTags.PossResend, "says that the request may have been sent before, which FixOrderCancel cannot express");
        }

        if (!fields.TryText(OrigClOrdId, MaxName, out ReadOnlySpan<byte> original)
            || !fields.TryText(ClOrdId, MaxName, out ReadOnlySpan<byte> own))
        {
            return Refusal.Of(FixTags.OrigClOrdId, "or ClOrdID (11) is missing, or is not a text of up to 64 bytes");
        }

        cancel.SetOriginalClientOrderId(original);
        cancel.SetClientOrderId(own);
        if (fields.Has(OrderId))
        {
            if (!fields.TryText(OrderId, MaxName, out ReadOnlySpan<byte> orderId))
            {
                return Refusal.Of(FixTags.OrderId, "is not a text of up to 64 bytes");
            }

            cancel.SetOrderId(orderId);
        }

        if (!fields.TryText(Symbol, MaxInstrument, out ReadOnlySpan<byte> instrument))
        {
            return Refusal.Of(FixTags.Symbol, "is missing, or is not a text of up to 32 bytes");
        }

        cancel.SetInstrument(instrument);
        return TranslateStatus.Ok;
    }

    private TranslateStatus Describe(scoped in PlacedFields fields, ref FixOrderCancel.Writer cancel)
    {
        byte side = fields.Code(Side);
        if (side is not ((byte)'1' or (byte)'2'))
        {
            return Refusal.Of(FixTags.Side, "is neither 1 (buy) nor 2 (sell)");
        }

        cancel.Side = side == (byte)'1' ? FixSide.Buy : FixSide.Sell;
        if (fields.Has(Quantity))
        {
            if (!fields.TryAmount(Quantity, _quantityDecimals, out ulong quantity))
            {
                return Refusal.Of(FixTags.OrderQty, "is not an exact quantity in base units");
            }

            cancel.Quantity = quantity;
        }

        if (!fields.TryTime(TransactTime, out long requestedAt))
        {
            return Refusal.Of(FixTags.TransactTime, "is missing, or is not a time in nanoseconds");
        }

        cancel.RequestedAt = requestedAt;
        if (fields.Has(Text))
        {
            if (!fields.TryText(Text, MaxText, out ReadOnlySpan<byte> text))
            {
                return Refusal.Of(Codec.Tag.Text, "is not a text of up to 256 bytes");
            }

            cancel.SetText(text);
        }

        return TranslateStatus.Ok;
    }
}
