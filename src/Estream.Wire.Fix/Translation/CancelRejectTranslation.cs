using Estream.Fix;

namespace Estream.Wire.Fix.Translation;

/// <summary>Translates between OrderCancelReject (9) and FixOrderCancelReject.</summary>
internal sealed class CancelRejectTranslation
{
    public const string MsgType = "9";

    private const int PossResend = 0;
    private const int OrderId = 1;
    private const int ClOrdId = 2;
    private const int OrigClOrdId = 3;
    private const int OrdStatus = 4;
    private const int ResponseTo = 5;
    private const int Reason = 6;
    private const int TransactTime = 7;
    private const int Text = 8;

    private const int MaxName = 64;
    private const int MaxText = 256;

    private readonly FieldPlan _plan;

    public CancelRejectTranslation(FixTranslatorOptions options)
    {
        _plan = new FieldPlan(nameof(FixOrderCancelReject), Tags, options.PassingTags);
    }

    // The tag of the field for each slot.
    private static ReadOnlySpan<int> Tags =>
    [
        FixTags.PossResend, FixTags.OrderId, FixTags.ClOrdId, FixTags.OrigClOrdId, FixTags.OrdStatus, FixTags.CxlRejResponseTo,
        FixTags.CxlRejReason, FixTags.TransactTime, Codec.Tag.Text,
    ];

    // OrdStatus codes, indexed by the value of FixOrderStatus.
    private static ReadOnlySpan<byte> StatusCodes => "0123456789ABCDE"u8;

    public TranslateStatus ToEsf(in FixMessage message, Span<byte> destination, out int length)
    {
        length = 0;
        if (destination.Length < FixOrderCancelReject.MaxLength)
        {
            return TranslateStatus.DestinationTooSmall;
        }

        ReadOnlySpan<int> found = _plan.Find(message.Index, out int refused);
        if (refused != 0)
        {
            return _plan.Refuse(refused);
        }

        PlacedFields fields = new(message.Bytes, message.Index, found);
        FixOrderCancelReject.Writer reject = FixOrderCancelReject.Write(destination);
        TranslateStatus status = Identify(fields, ref reject);
        if (status.IsOk)
        {
            status = Describe(fields, ref reject);
        }

        if (status.IsOk)
        {
            length = reject.Length;
        }

        return status;
    }

    public static TranslateStatus ToFix(ReadOnlySpan<byte> message, FixMessageBuilder destination)
    {
        if (!FixOrderCancelReject.View.TryOf(message, out FixOrderCancelReject.View reject))
        {
            return TranslateStatus.NotMapped("the message is not a FixOrderCancelReject of a supported version");
        }

        destination.Clear(MsgType);
        bool isText = Outgoing.TryText(destination, FixTags.OrderId, reject.OrderId)
            && Outgoing.TryText(destination, FixTags.ClOrdId, reject.ClientOrderId)
            && Outgoing.TryText(destination, FixTags.OrigClOrdId, reject.OriginalClientOrderId);
        if (!isText)
        {
            return Outgoing.NoText("order_id, client_order_id or original_client_order_id");
        }

        int status = (int)reject.Status;
        if ((uint)status >= (uint)StatusCodes.Length
            || reject.ResponseTo is not (FixCancelRequestKind.Cancel or FixCancelRequestKind.Replace))
        {
            return Refusal.Of("status or response_to", "has an unknown value");
        }

        Outgoing.Code(destination, FixTags.OrdStatus, StatusCodes[status]);
        if (reject.RejectedAt is { } rejectedAt && !Outgoing.TryTime(destination, FixTags.TransactTime, rejectedAt))
        {
            return Outgoing.NoTime("rejected_at");
        }

        Outgoing.Code(destination, FixTags.CxlRejResponseTo, reject.ResponseTo == FixCancelRequestKind.Cancel ? (byte)'1' : (byte)'2');
        if (reject.Reason is { } reason)
        {
            destination.Add(FixTags.CxlRejReason, reason);
        }

        return !reject.HasText || Outgoing.TryText(destination, Codec.Tag.Text, reject.Text) ? TranslateStatus.Ok : Outgoing.NoText("text");
    }

    private static TranslateStatus Identify(scoped in PlacedFields fields, ref FixOrderCancelReject.Writer reject)
    {
        if (fields.IsPossResend(PossResend))
        {
            return Refusal.Of(FixTags.PossResend,
                "says that the refusal may have been sent before, which FixOrderCancelReject cannot express");
        }

        if (!fields.TryText(OrderId, MaxName, out ReadOnlySpan<byte> orderId))
        {
            return Refusal.Of(FixTags.OrderId, "is missing, or is not a text of up to 64 bytes");
        }

        if (!fields.TryText(OrigClOrdId, MaxName, out ReadOnlySpan<byte> original)
            || !fields.TryText(ClOrdId, MaxName, out ReadOnlySpan<byte> own))
        {
            return Refusal.Of(FixTags.OrigClOrdId, "or ClOrdID (11) is missing, or is not a text of up to 64 bytes");
        }

        reject.SetOrderId(orderId);
        reject.SetClientOrderId(own);
        reject.SetOriginalClientOrderId(original);
        return TranslateStatus.Ok;
    }

    private static TranslateStatus Describe(scoped in PlacedFields fields, ref FixOrderCancelReject.Writer reject)
    {
        // Code returns 0 for an absent field, which StatusCodes does not contain.
        int status = StatusCodes.IndexOf(fields.Code(OrdStatus));
        if (status < 0)
        {
            return Refusal.Of(FixTags.OrdStatus, "is missing, or is not one of 0 to 9 and A to E");
        }

        byte kind = fields.Code(ResponseTo);
        if (kind is not ((byte)'1' or (byte)'2'))
        {
            return Refusal.Of(FixTags.CxlRejResponseTo, "is neither 1 (cancel) nor 2 (replace)");
        }

        reject.Status = (FixOrderStatus)status;
        reject.ResponseTo = kind == (byte)'1' ? FixCancelRequestKind.Cancel : FixCancelRequestKind.Replace;
        if (fields.Has(Reason))
        {
            if (!fields.TryAmount(Reason, 0, out ulong reason) || reason > uint.MaxValue)
            {
                return Refusal.Of(FixTags.CxlRejReason, "is not a 32-bit number");
            }

            reject.Reason = (uint)reason;
        }

        if (fields.Has(TransactTime))
        {
            if (!fields.TryTime(TransactTime, out long rejectedAt))
            {
                return Refusal.Of(FixTags.TransactTime, "is not a time in nanoseconds");
            }

            reject.RejectedAt = rejectedAt;
        }

        if (fields.Has(Text))
        {
            if (!fields.TryText(Text, MaxText, out ReadOnlySpan<byte> text))
            {
                return Refusal.Of(Codec.Tag.Text, "is not a text of up to 256 bytes");
            }

            reject.SetText(text);
        }

        return TranslateStatus.Ok;
    }
}
