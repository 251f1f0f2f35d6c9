using System.Text;
using Estream.Fix;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Dictionary;

namespace Estream.Wire.Fix.Translation;

/// <summary>Translates between NewOrderSingle (D) of any order type and FixNewOrderSingle.</summary>
internal sealed class NewOrderTranslation
{
    public const string MsgType = "D";

    private const int MaxName = 64;
    private const int MaxInstrument = 32;
    private const int MaxText = 256;
    private const int PriceDecimals = FieldReader.PriceDecimals;

    private readonly FieldPlan _plan;
    private readonly FixFieldSet? _body;
    private readonly bool _isFix42;
    private readonly int _quantityDecimals;
    private readonly byte[] _handlInst;
    private readonly byte[] _sender;

    public NewOrderTranslation(FixProtocol protocol, FixProtocolKind kind, FixTranslatorOptions options)
    {
        _plan = new FieldPlan(nameof(FixNewOrderSingle), Tags, options.PassingTags);
        _body = protocol.Application.Message("D"u8)?.Body;
        _isFix42 = kind == FixProtocolKind.Fix42;
        _quantityDecimals = options.QuantityDecimals;
        _handlInst = [(byte)('0' + options.HandlInst)];
        _sender = Encoding.UTF8.GetBytes(options.SenderCompId ?? "");
    }

    private static ReadOnlySpan<int> Tags =>
    [
        FixTags.ClOrdId, FixTags.SecondaryClOrdId, FixTags.Symbol, FixTags.SecurityId, FixTags.SecurityIdSource, FixTags.Side,
        FixTags.OrdType, FixTags.OrderQty, FixTags.CashOrderQty, FixTags.Price, FixTags.StopPx, FixTags.TimeInForce, FixTags.EffectiveTime,
        FixTags.ExpireTime, FixTags.ExpireDate, FixTags.MinQty, FixTags.MaxFloor, FixTags.DisplayQty, FixTags.ExecInst,
        FixTags.PegOffsetValue, FixTags.PegOffsetType, FixTags.PegPriceType, FixTags.HandlInst, FixTags.Currency, FixTags.ExDestination,
        FixTags.SettlType, FixTags.SettlDate, FixTags.TransactTime, Tag.SendingTime, Tag.OrigSendingTime, FixTags.PossResend, Tag.Text,
        Tag.OnBehalfOfCompId, Tag.SenderCompId,
    ];

    private static ReadOnlySpan<int> Required => [FixTags.ClOrdId, FixTags.Symbol, FixTags.Side, FixTags.OrdType, FixTags.TransactTime];

    public TranslateStatus ToEsf(in FixMessage message, Span<byte> destination, out int length)
    {
        length = 0;
        // The texts are at most as long as in FIX, so this length is sufficient.
        if (destination.Length < Math.Min(FixNewOrderSingle.MaxLength, FixNewOrderSingle.FixedLength + message.Bytes.Length))
        {
            return TranslateStatus.DestinationTooSmall;
        }

        ReadOnlySpan<int> found = _plan.Find(message.Index, out int refused);
        if (refused != 0)
        {
            return _plan.Refuse(refused);
        }

        FieldReader fields = new(message.Bytes, message.Index, _plan, found);
        fields.Require(Required);
        FixNewOrderSingle.Writer order = FixNewOrderSingle.Write(destination);
        ReadNames(ref fields, ref order);
        ReadPrices(ref fields, ref order);
        ReadTimes(ref fields, ref order);
        ReadShown(ref fields, ref order);
        ReadRoute(ref fields, ref order);
        length = fields.Status.IsOk ? order.Length : 0;
        return fields.Status;
    }

    public TranslateStatus ToFix(ReadOnlySpan<byte> message, FixMessageBuilder destination)
    {
        if (!FixNewOrderSingle.View.TryOf(message, out FixNewOrderSingle.View order))
        {
            return TranslateStatus.NotMapped("the message is not a FixNewOrderSingle of a supported version");
        }

        if (!order.Submitter.TryGet(out ReadOnlySpan<byte> submitter))
        {
            return Refusal.Of("submitter", "is withheld, but an order can only be sent with its submitter");
        }

        if (submitter.IsEmpty || submitter.Contains(FixText.Soh))
        {
            return Outgoing.NoText("submitter");
        }

        destination.Clear(MsgType);
        if (!submitter.SequenceEqual(_sender))
        {
            destination.AddHeader(Tag.OnBehalfOfCompId, submitter);
        }

        FieldSender fields = new(destination, _body);
        fields.PossibleResend(order.PossibleResend);
        AddOrder(order, ref fields);
        AddTerms(order, ref fields);
        return fields.Status;
    }

    private static void ReadNames(ref FieldReader fields, ref FixNewOrderSingle.Writer order)
    {
        if (fields.Text(FixTags.ClOrdId, MaxName, out ReadOnlySpan<byte> text))
        {
            order.SetClientOrderId(text);
        }

        if (fields.Text(FixTags.SecondaryClOrdId, MaxName, out text))
        {
            order.SetSecondaryClientOrderId(text);
        }

        if (fields.Text(FixTags.Symbol, MaxInstrument, out text))
        {
            order.SetInstrument(text);
        }

        if (fields.Text(FixTags.SecurityId, MaxInstrument, out text))
        {
            order.SetSecurityId(text);
        }

        if (fields.Text(FixTags.SecurityIdSource, FieldReader.MaxCode, out text))
        {
            order.SetSecurityIdSourceCode(text);
        }

        if (fields.Code(FixTags.Side, FixCodes.Sides, out ReadOnlySpan<byte> code, out int value))
        {
            order.SetSideCode(code);
            if (value >= 0)
            {
                order.Side = (FixSide)value;
            }
        }
    }

    /// <summary>Reads order type, quantity and prices. The standard limit and stop types require their prices.</summary>
    private void ReadPrices(ref FieldReader fields, ref FixNewOrderSingle.Writer order)
    {
        if (fields.Code(FixTags.OrdType, FixCodes.OrderTypes, out ReadOnlySpan<byte> code, out int value))
        {
            order.SetOrderTypeCode(code);
            if (value >= 0)
            {
                order.OrderType = (FixOrderType)value;
                RequirePrices(ref fields, (FixOrderType)value);
            }
        }

        if (fields.Amount(FixTags.OrderQty, _quantityDecimals, out ulong amount))
        {
            order.Quantity = amount;
        }

        if (fields.Amount(FixTags.CashOrderQty, PriceDecimals, out amount))
        {
            order.CashQuantity = amount;
        }

        if (fields.Signed(FixTags.Price, PriceDecimals, out long price))
        {
            order.Price = price;
        }

        if (fields.Signed(FixTags.StopPx, PriceDecimals, out price))
        {
            order.StopPrice = price;
        }

        if (!fields.Has(FixTags.OrderQty) && !fields.Has(FixTags.CashOrderQty))
        {
            fields.Refuse(FixTags.OrderQty, "is missing, and so is CashOrderQty (152)");
        }
    }

    private static void RequirePrices(ref FieldReader fields, FixOrderType type)
    {
        bool needsLimit = type is FixOrderType.Limit or FixOrderType.StopLimit or FixOrderType.LimitOnClose
            or FixOrderType.LimitWithOrWithout or FixOrderType.StopLimitOnBidOrOffer;
        bool needsTrigger = type is FixOrderType.Stop or FixOrderType.StopLimit or FixOrderType.StopOnBidOrOffer
            or FixOrderType.StopLimitOnBidOrOffer;
        if (needsLimit && !fields.Has(FixTags.Price))
        {
            fields.Refuse(FixTags.Price, "is missing; the order type (40) needs a limit");
        }

        if (needsTrigger && !fields.Has(FixTags.StopPx))
        {
            fields.Refuse(FixTags.StopPx, "is missing; the order type (40) needs a trigger");
        }

        if (type == FixOrderType.Market && fields.Has(FixTags.Price))
        {
            fields.Refuse(FixTags.Price, "is not allowed for a market order");
        }
    }

    private static void ReadTimes(ref FieldReader fields, ref FixNewOrderSingle.Writer order)
    {
        if (fields.Code(FixTags.TimeInForce, FixCodes.TimesInForce, out ReadOnlySpan<byte> code, out int value))
        {
            order.SetTimeInForceCode(code);
            if (value >= 0)
            {
                order.TimeInForce = (FixTimeInForce)value;
            }

            if (value == (int)FixTimeInForce.GoodTillDate && !fields.Has(FixTags.ExpireTime) && !fields.Has(FixTags.ExpireDate))
            {
                fields.Refuse(FixTags.ExpireTime, "is missing, and so is ExpireDate (432); an order good till date (59=6) needs one");
            }
        }

        if (fields.Time(FixTags.EffectiveTime, out long time))
        {
            order.EffectiveAt = time;
        }

        if (fields.Time(FixTags.ExpireTime, out time))
        {
            order.ExpiresAt = time;
        }

        if (fields.Text(FixTags.ExpireDate, FieldReader.MaxCode, out ReadOnlySpan<byte> text))
        {
            order.SetExpiresOn(text);
        }
    }

    private void ReadShown(ref FieldReader fields, ref FixNewOrderSingle.Writer order)
    {
        if (fields.Amount(FixTags.MinQty, _quantityDecimals, out ulong amount))
        {
            order.MinQuantity = amount;
        }

        if (fields.Amount(FixTags.MaxFloor, _quantityDecimals, out amount))
        {
            order.MaxFloor = amount;
        }

        if (fields.Amount(FixTags.DisplayQty, _quantityDecimals, out amount))
        {
            order.DisplayQuantity = amount;
        }

        if (fields.Text(FixTags.ExecInst, MaxName, out ReadOnlySpan<byte> text))
        {
            order.SetInstructions(text);
        }

        if (fields.Signed(FixTags.PegOffsetValue, PriceDecimals, out long offset))
        {
            order.PegOffset = offset;
        }

        if (fields.Number(FixTags.PegOffsetType, out uint number))
        {
            order.PegOffsetType = number;
        }

        if (fields.Number(FixTags.PegPriceType, out number))
        {
            order.PegPriceType = number;
        }
    }

    private static void ReadRoute(ref FieldReader fields, ref FixNewOrderSingle.Writer order)
    {
        if (fields.Text(FixTags.HandlInst, FieldReader.MaxCode, out ReadOnlySpan<byte> text))
        {
            order.SetHandlingCode(text);
        }

        if (fields.Text(FixTags.Currency, FieldReader.MaxCode, out text))
        {
            order.SetCurrency(text);
        }

        if (fields.Text(FixTags.ExDestination, MaxInstrument, out text))
        {
            order.SetVenue(text);
        }

        if (fields.Text(FixTags.SettlType, FieldReader.MaxCode, out text))
        {
            order.SetSettlementType(text);
        }

        if (fields.Text(FixTags.SettlDate, FieldReader.MaxCode, out text))
        {
            order.SetSettlementDate(text);
        }

        order.SubmittedAt = fields.Time(FixTags.TransactTime, out long time) ? time : 0;
        order.SentAt = fields.SentAt();
        order.PossibleResend = fields.Flag(FixTags.PossResend, out bool isPossible) && isPossible;
        if (fields.Text(Tag.Text, MaxText, out text))
        {
            order.SetText(text);
        }

        int submitter = fields.Has(Tag.OnBehalfOfCompId) ? Tag.OnBehalfOfCompId : Tag.SenderCompId;
        fields.Require([submitter]);
        if (fields.Text(submitter, MaxName, out text))
        {
            order.SetSubmitter(text);
        }
    }

    private void AddOrder(in FixNewOrderSingle.View order, ref FieldSender fields)
    {
        fields.Text(FixTags.ClOrdId, order.ClientOrderId);
        fields.Text(FixTags.SecondaryClOrdId, order.SecondaryClientOrderId);
        fields.Text(FixTags.HandlInst, order.HasHandlingCode ? order.HandlingCode : _isFix42 ? _handlInst : default);
        fields.Required(FixTags.Symbol, order.Instrument);
        fields.Text(FixTags.SecurityId, order.SecurityId);
        fields.Text(FixTags.SecurityIdSource, order.SecurityIdSourceCode);
        fields.Text(FixTags.Side, order.SideCode);
        fields.Time(FixTags.TransactTime, order.SubmittedAt);
        fields.Amount(FixTags.OrderQty, order.Quantity, _quantityDecimals);
        fields.Amount(FixTags.CashOrderQty, order.CashQuantity, PriceDecimals);
        fields.Text(FixTags.OrdType, order.OrderTypeCode);
        fields.Signed(FixTags.Price, order.Price, PriceDecimals);
        fields.Signed(FixTags.StopPx, order.StopPrice, PriceDecimals);
    }

    private void AddTerms(in FixNewOrderSingle.View order, ref FieldSender fields)
    {
        fields.Text(FixTags.TimeInForce, order.TimeInForceCode);
        fields.Time(FixTags.EffectiveTime, order.EffectiveAt);
        fields.Time(FixTags.ExpireTime, order.ExpiresAt);
        fields.Text(FixTags.ExpireDate, order.ExpiresOn);
        fields.Amount(FixTags.MinQty, order.MinQuantity, _quantityDecimals);
        fields.Amount(FixTags.MaxFloor, order.MaxFloor, _quantityDecimals);
        fields.Amount(FixTags.DisplayQty, order.DisplayQuantity, _quantityDecimals);
        fields.Text(FixTags.ExecInst, order.Instructions);
        fields.Signed(FixTags.PegOffsetValue, order.PegOffset, PriceDecimals);
        fields.Number(FixTags.PegOffsetType, order.PegOffsetType);
        fields.Number(FixTags.PegPriceType, order.PegPriceType);
        fields.Text(FixTags.Currency, order.Currency);
        fields.Text(FixTags.ExDestination, order.Venue);
        fields.Text(FixTags.SettlType, order.SettlementType);
        fields.Text(FixTags.SettlDate, order.SettlementDate);
        fields.Text(Tag.Text, order.Text);
    }
}
