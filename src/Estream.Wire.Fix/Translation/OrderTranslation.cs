using System.Runtime.CompilerServices;
using System.Text;
using Estream.Trading;

namespace Estream.Wire.Fix.Translation;

/// <summary>Translates between NewOrderSingle (D) and EStreamOrder.</summary>
internal sealed class OrderTranslation
{
    public const string MsgType = "D";

    private const int PossResend = 0;
    private const int ClOrdId = 1;
    private const int SecondaryClOrdId = 2;
    private const int Symbol = 3;
    private const int Side = 4;
    private const int OrdType = 5;
    private const int Quantity = 6;
    private const int Price = 7;
    private const int StopPx = 8;
    private const int InForce = 9;
    private const int TransactTime = 10;
    private const int OnBehalfOf = 11;
    private const int HandlInst = 12;
    private const int SenderCompId = 13;

    private const int MaxClientOrderId = 64;
    private const int MaxInstrument = 32;

    private readonly FieldPlan _plan;

    // Not on the stack: for stackalloc, the compiler would add a stack guard and copy the arguments of the method.
    private readonly byte[] _id = new byte[FixIdText.Length];
    private readonly bool _isFix42;
    private readonly int _quantityDecimals;
    private readonly byte _handlInst;
    private readonly byte[] _sender;

    public OrderTranslation(FixProtocolKind kind, FixTranslatorOptions options)
    {
        _isFix42 = kind == FixProtocolKind.Fix42;
        _quantityDecimals = options.QuantityDecimals;
        _handlInst = (byte)('0' + options.HandlInst);
        _sender = Encoding.UTF8.GetBytes(options.SenderCompId ?? "");
        _plan = new FieldPlan(nameof(EStreamOrder), Tags, options.PassingTags);
    }

    // The tag of the field for each slot.
    private static ReadOnlySpan<int> Tags =>
    [
        FixTags.PossResend, FixTags.ClOrdId, FixTags.SecondaryClOrdId, FixTags.Symbol, FixTags.Side, FixTags.OrdType, FixTags.OrderQty,
        FixTags.Price, FixTags.StopPx, FixTags.TimeInForce, FixTags.TransactTime, Codec.Tag.OnBehalfOfCompId, FixTags.HandlInst,
        Codec.Tag.SenderCompId,
    ];

    // Reads and writes an order in one method, so that the compiler keeps the writer in registers.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public TranslateStatus ToEsf(in FixMessage message, Span<byte> destination, out int length)
    {
        length = 0;
        if (destination.Length < EStreamOrder.MaxLength)
        {
            return TranslateStatus.DestinationTooSmall;
        }

        ReadOnlySpan<int> found = _plan.Find(message.Index, out int refused);
        if (refused != 0)
        {
            return _plan.Refuse(refused);
        }

        PlacedFields fields = new(message.Bytes, message.Index, found);
        EStreamOrder.Writer order = EStreamOrder.Write(destination);
        FieldRefusal refusal = Identify(fields, ref order);
        if (!refusal.IsRefused)
        {
            refusal = Describe(fields, ref order);
        }

        if (refusal.IsRefused)
        {
            return refusal.Status;
        }

        length = order.Length;
        return TranslateStatus.Ok;
    }

    public TranslateStatus ToFix(ReadOnlySpan<byte> message, FixMessageBuilder destination)
    {
        if (!EStreamOrder.View.TryOf(message, out EStreamOrder.View order))
        {
            return TranslateStatus.NotMapped("the message is not an EStreamOrder of a supported version");
        }

        destination.Clear(MsgType);
        TranslateStatus status = AddNames(order, destination);
        if (!status.IsOk)
        {
            return status;
        }

        if (_isFix42)
        {
            Outgoing.Code(destination, FixTags.HandlInst, _handlInst);
        }

        if (!Outgoing.TryText(destination, FixTags.Symbol, order.Instrument))
        {
            return Outgoing.NoText("instrument");
        }

        if (!TryCode(order.Side, out byte side) || !TryCode(order.TimeInForce, out byte inForce))
        {
            return Refusal.Of("side or time_in_force", "has an unknown value");
        }

        Outgoing.Code(destination, FixTags.Side, side);
        if (!Outgoing.TryTime(destination, FixTags.TransactTime, order.SubmittedAt))
        {
            return Outgoing.NoTime("submitted_at");
        }

        if (!Outgoing.TryAmount(destination, FixTags.OrderQty, order.Quantity, _quantityDecimals))
        {
            return Outgoing.TooLarge("quantity");
        }

        status = AddPrice(order, destination);
        Outgoing.Code(destination, FixTags.TimeInForce, inForce);
        return status;
    }

    /// <summary>Reads the order ids, the instrument and the submitter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private FieldRefusal Identify(scoped in PlacedFields fields, ref EStreamOrder.Writer order)
    {
        if (fields.IsPossResend(PossResend))
        {
            return new FieldRefusal(
                FixTags.PossResend, "says that the order may have been sent before, which EStreamOrder cannot express");
        }

        if (!fields.TryText(ClOrdId, MaxClientOrderId, out ReadOnlySpan<byte> clientOrderId))
        {
            return new FieldRefusal(FixTags.ClOrdId, "is missing, or is not a text of up to 64 bytes");
        }

        int orderId = fields.Has(SecondaryClOrdId) ? SecondaryClOrdId : ClOrdId;
        if (!fields.TryId(orderId, _id))
        {
            return new FieldRefusal(Tags[orderId], NoId);
        }

        order.SetOrderId(_id);
        order.SetClientOrderId(clientOrderId);
        if (!fields.TryText(Symbol, MaxInstrument, out ReadOnlySpan<byte> instrument))
        {
            return new FieldRefusal(FixTags.Symbol, "is missing, or is not a text of up to 32 bytes");
        }

        order.SetInstrument(instrument);
        int submitter = fields.Has(OnBehalfOf) ? OnBehalfOf : SenderCompId;
        if (!fields.Has(submitter))
        {
            return new FieldRefusal(Codec.Tag.SenderCompId, "is missing");
        }

        if (!fields.TryId(submitter, _id))
        {
            return new FieldRefusal(Tags[submitter], NoId);
        }

        order.SetSubmitter(_id);
        return default;
    }

    /// <summary>The refusal text for an id that does not fit 32 bytes.</summary>
    internal const string NoId =
        "is not an id that fits 32 bytes: up to 31 bytes of text, up to 41 letters, digits, - and _, or 64 hexadecimal digits";

    /// <summary>Reads side, time in force, quantity, time and price.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private FieldRefusal Describe(scoped in PlacedFields fields, ref EStreamOrder.Writer order)
    {
        if (!TrySide(fields.Code(Side), out OrderSide side))
        {
            return new FieldRefusal(FixTags.Side, "is neither 1 (buy) nor 2 (sell)");
        }

        if (!TryInForce(fields, out TimeInForce inForce))
        {
            return new FieldRefusal(FixTags.TimeInForce,
                "is not one of 0 (day), 1 (good till cancel), 3 (immediate or cancel), 4 (fill or kill)");
        }

        if (!fields.TryAmount(Quantity, _quantityDecimals, out ulong quantity))
        {
            return new FieldRefusal(FixTags.OrderQty, "is missing, or is not an exact quantity in base units");
        }

        if (!fields.TryTime(TransactTime, out long submittedAt))
        {
            return new FieldRefusal(FixTags.TransactTime, "is missing, or is not a time in nanoseconds");
        }

        if (fields.Has(HandlInst) && fields.Code(HandlInst) != _handlInst)
        {
            return new FieldRefusal(FixTags.HandlInst, "differs from the agreed value (HandlInst)");
        }

        order.Side = side;
        order.Quantity = quantity;
        order.TimeInForce = inForce;
        order.SubmittedAt = submittedAt;
        return SetPrice(fields, ref order);
    }

    /// <summary>Sets the single price of an EStreamOrder: the limit of a limit order or the trigger of a stop order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FieldRefusal SetPrice(scoped in PlacedFields fields, ref EStreamOrder.Writer order)
    {
        int place;
        switch (fields.Code(OrdType))
        {
            case (byte)'1':
                order.OrderType = OrderType.Market;
                return fields.Has(Price) || fields.Has(StopPx)
                    ? new FieldRefusal(FixTags.OrdType, "is for an order without a price, but a price is set")
                    : default;
            case (byte)'2':
                order.OrderType = OrderType.Limit;
                place = Price;
                break;
            case (byte)'3':
                order.OrderType = OrderType.Stop;
                place = StopPx;
                break;
            case (byte)'4':
                return new FieldRefusal(FixTags.OrdType, "is for a stop limit order, which has two prices; EStreamOrder has one");
            default:
                return new FieldRefusal(FixTags.OrdType, "is not one of 1 (market), 2 (limit), 3 (stop)");
        }

        if (fields.Has(place == Price ? StopPx : Price))
        {
            return new FieldRefusal(place == Price ? FixTags.StopPx : FixTags.Price, "is a second price; EStreamOrder has one");
        }

        if (!fields.TryAmount(place, PlacedFields.PriceDecimals, out ulong price))
        {
            return new FieldRefusal(place == Price ? FixTags.Price : FixTags.StopPx, "is missing, negative, or not exact in 8 decimals");
        }

        order.Price = price;
        return default;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryInForce(in PlacedFields fields, out TimeInForce inForce)
    {
        // FIX: an order without TimeInForce is a day order.
        byte code = fields.Has(InForce) ? fields.Code(InForce) : (byte)'0';
        inForce = code switch
        {
            (byte)'1' => TimeInForce.GTC,
            (byte)'3' => TimeInForce.IOC,
            (byte)'4' => TimeInForce.FOK,
            _ => TimeInForce.DAY,
        };
        return code is (byte)'0' or (byte)'1' or (byte)'3' or (byte)'4';
    }

    internal static bool TrySide(byte code, out OrderSide side)
    {
        side = code == (byte)'2' ? OrderSide.Sell : OrderSide.Buy;
        return code is (byte)'1' or (byte)'2';
    }

    internal static bool TryCode(OrderSide side, out byte code)
    {
        code = side == OrderSide.Buy ? (byte)'1' : (byte)'2';
        return side is OrderSide.Buy or OrderSide.Sell;
    }

    private static bool TryCode(TimeInForce inForce, out byte code)
    {
        code = inForce switch
        {
            TimeInForce.DAY => (byte)'0',
            TimeInForce.GTC => (byte)'1',
            TimeInForce.IOC => (byte)'3',
            TimeInForce.FOK => (byte)'4',
            _ => 0,
        };
        return code != 0;
    }

    private static TranslateStatus AddPrice(in EStreamOrder.View order, FixMessageBuilder destination)
    {
        byte code = order.OrderType switch
        {
            OrderType.Market => (byte)'1',
            OrderType.Limit => (byte)'2',
            OrderType.Stop => (byte)'3',
            _ => 0,
        };
        if (code == 0)
        {
            return Refusal.Of("order_type", "is for a stop limit order, which has two prices in FIX, or is unknown");
        }

        ulong? price = order.Price;
        if (price.HasValue == (code == (byte)'1'))
        {
            return Refusal.Of("price", "is missing although the order type needs it, or is set although the type does not allow it");
        }

        Outgoing.Code(destination, FixTags.OrdType, code);
        int tag = code == (byte)'2' ? FixTags.Price : FixTags.StopPx;
        return price is not { } known || Outgoing.TryAmount(destination, tag, known, PlacedFields.PriceDecimals)
            ? TranslateStatus.Ok
            : Outgoing.TooLarge("price");
    }

    private TranslateStatus AddNames(in EStreamOrder.View order, FixMessageBuilder destination)
    {
        if (!order.Submitter.TryGet(out ReadOnlySpan<byte> submitter))
        {
            return Refusal.Of("submitter", "is withheld, but an order can only be sent with its submitter");
        }

        Span<byte> text = stackalloc byte[FixIdText.MaxTextLength];
        int length = FixIdText.Write(submitter, text);
        if (!_sender.AsSpan().SequenceEqual(text[..length]))
        {
            destination.AddHeader(Codec.Tag.OnBehalfOfCompId, text[..length]);
        }

        if (!Outgoing.TryText(destination, FixTags.ClOrdId, order.ClientOrderId))
        {
            return Outgoing.NoText("client_order_id");
        }

        Span<byte> id = stackalloc byte[FixIdText.Length];
        if (FixIdText.TryRead(order.ClientOrderId, id) && id.SequenceEqual(order.OrderId))
        {
            return TranslateStatus.Ok;
        }

        if (_isFix42)
        {
            return Refusal.Of("order_id", "does not match client_order_id, and FIX 4.2 has no second order id");
        }

        length = FixIdText.Write(order.OrderId, text);
        destination.Add(FixTags.SecondaryClOrdId, text[..length]);
        return TranslateStatus.Ok;
    }
}
