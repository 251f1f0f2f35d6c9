using System.Text;
using Estream.Trading;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Dictionary;

namespace Estream.Wire.Fix.Translation;

/// <summary>Translates between Quote (S) and EStreamQuote. A side that is not quoted has price and quantity 0 in EStreamQuote.</summary>
internal sealed class QuoteTranslation
{
    public const string MsgType = "S";

    private const int MaxName = 32;

    private readonly FieldPlan _plan;
    private readonly FixFieldSet? _body;
    private readonly int _quantityDecimals;
    private readonly byte[] _sender;

    public QuoteTranslation(FixProtocol protocol, FixTranslatorOptions options)
    {
        // EStreamQuote has no QuoteID: a newer quote of the instrument replaces the older quote.
        _plan = new FieldPlan(nameof(EStreamQuote), Tags, [.. options.PassingTags, FixTags.QuoteId]);
        _body = protocol.Application.Message("S"u8)?.Body;
        _quantityDecimals = options.QuantityDecimals;
        _sender = Encoding.UTF8.GetBytes(options.SenderCompId ?? "");
    }

    private static ReadOnlySpan<int> Tags =>
    [
        FixTags.Symbol, FixTags.BidPx, FixTags.BidSize, FixTags.OfferPx, FixTags.OfferSize, FixTags.TransactTime, Tag.SendingTime,
        Tag.OrigSendingTime, FixTags.PossResend, Tag.OnBehalfOfCompId, Tag.SenderCompId,
    ];

    public TranslateStatus ToEsf(in FixMessage message, Span<byte> destination, out int length)
    {
        length = 0;
        if (destination.Length < EStreamQuote.MaxLength)
        {
            return TranslateStatus.DestinationTooSmall;
        }

        ReadOnlySpan<int> found = _plan.Find(message.Index, out int refused);
        if (refused != 0)
        {
            return _plan.Refuse(refused);
        }

        FieldReader fields = new(message.Bytes, message.Index, _plan, found);
        EStreamQuote.Writer quote = EStreamQuote.Write(destination);
        fields.Require([FixTags.Symbol]);
        if (fields.Text(FixTags.Symbol, MaxName, out ReadOnlySpan<byte> text))
        {
            quote.SetInstrument(text);
        }

        ReadSides(ref fields, ref quote);
        quote.Timestamp = fields.Time(FixTags.TransactTime, out long time) ? time : fields.SentAt();
        int source = fields.Has(Tag.OnBehalfOfCompId) ? Tag.OnBehalfOfCompId : Tag.SenderCompId;
        fields.Require([source]);
        if (fields.Text(source, MaxName, out text))
        {
            quote.SetSource(text);
        }

        // A repeated quote is harmless: like every newer quote, it replaces the older quote.
        fields.Flag(FixTags.PossResend, out _);
        length = fields.Status.IsOk ? quote.Length : 0;
        return fields.Status;
    }

    public TranslateStatus ToFix(ReadOnlySpan<byte> message, FixMessageBuilder destination)
    {
        if (!EStreamQuote.View.TryOf(message, out EStreamQuote.View quote))
        {
            return TranslateStatus.NotMapped("the message is not an EStreamQuote of a supported version");
        }

        if (quote.Source.IsEmpty || quote.Source.Contains(FixText.Soh))
        {
            return Outgoing.NoText("source");
        }

        destination.Clear(MsgType);
        if (!quote.Source.SequenceEqual(_sender))
        {
            destination.AddHeader(Tag.OnBehalfOfCompId, quote.Source);
        }

        FieldSender fields = new(destination, _body);
        fields.Signed(FixTags.QuoteId, quote.Timestamp, 0);
        fields.Required(FixTags.Symbol, quote.Instrument);
        AddSide(ref fields, FixTags.BidPx, quote.BidPrice, FixTags.BidSize, quote.BidQuantity);
        AddSide(ref fields, FixTags.OfferPx, quote.AskPrice, FixTags.OfferSize, quote.AskQuantity);
        fields.Time(FixTags.TransactTime, quote.Timestamp);
        return fields.Status;
    }

    private void ReadSides(ref FieldReader fields, ref EStreamQuote.Writer quote)
    {
        if (!fields.Has(FixTags.BidPx) && !fields.Has(FixTags.OfferPx))
        {
            fields.Refuse(FixTags.BidPx, "is missing, and so is OfferPx (133)");
        }

        RequirePrice(ref fields, FixTags.BidPx, FixTags.BidSize);
        RequirePrice(ref fields, FixTags.OfferPx, FixTags.OfferSize);
        quote.BidPrice = fields.Amount(FixTags.BidPx, FieldReader.PriceDecimals, out ulong amount) ? amount : 0;
        quote.BidQuantity = fields.Amount(FixTags.BidSize, _quantityDecimals, out amount) ? amount : 0;
        quote.AskPrice = fields.Amount(FixTags.OfferPx, FieldReader.PriceDecimals, out amount) ? amount : 0;
        quote.AskQuantity = fields.Amount(FixTags.OfferSize, _quantityDecimals, out amount) ? amount : 0;
    }

    private static void RequirePrice(ref FieldReader fields, int price, int size)
    {
        if (fields.Has(size) && !fields.Has(price))
        {
            fields.Refuse(price, "is missing, although the quantity of its side is given");
        }
    }

    private void AddSide(ref FieldSender fields, int priceTag, ulong price, int sizeTag, ulong quantity)
    {
        if (price == 0 && quantity == 0)
        {
            return;
        }

        fields.Amount(priceTag, price, FieldReader.PriceDecimals);
        fields.Amount(sizeTag, quantity == 0 ? null : quantity, _quantityDecimals);
    }
}
