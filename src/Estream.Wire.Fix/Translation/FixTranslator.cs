using Estream.Esf;
using Estream.Fix;
using Estream.Trading;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Translation;

namespace Estream.Wire.Fix;

/// <summary>
/// Translates FIX messages to ESF and back: D and EStreamOrder or FixNewOrderSingle, 8 and EStreamFill or FixExecutionReport, S and
/// EStreamQuote, W and EStreamMarketData or FixMarketData, X and FixMarketData, F and FixOrderCancel, 9 and FixOrderCancelReject. Prices
/// are exact. A field without a counterpart is refused by name and never dropped. Private fields are written as plaintext. Reusable;
/// translating a valid message to ESF does not allocate. Not thread-safe.
/// </summary>
public sealed class FixTranslator
{
    private const int MaxFields = 2_048;
    private const int MaxPassingTag = 99_999;
    private const string NewOrderSchema = "estream.fix.FixNewOrderSingle";
    private const string ReportSchema = "estream.fix.FixExecutionReport";
    private const string MarketDataSchema = "estream.fix.FixMarketData";

    private static readonly Lazy<EsfSchemaSet> s_own = new(ReadOwn);

    // The schemas of every translated type, the default first.
    private static readonly (string MsgType, string[] Schemas)[] s_types =
    [
        (OrderTranslation.MsgType, ["estream.trading.EStreamOrder", NewOrderSchema]),
        (FillTranslation.MsgType, ["estream.trading.EStreamFill", ReportSchema]),
        (QuoteTranslation.MsgType, ["estream.trading.EStreamQuote"]),
        (MarketDataTranslation.MsgType, ["estream.trading.EStreamMarketData", MarketDataSchema]),
        (BookTranslation.Changes, [MarketDataSchema]),
        (CancelTranslation.MsgType, ["estream.fix.FixOrderCancel"]),
        (CancelRejectTranslation.MsgType, ["estream.fix.FixOrderCancelReject"]),
    ];

    private readonly FixProtocol _protocol;
    private readonly FixFieldIndex _index;
    private readonly OrderTranslation _orders;
    private readonly FillTranslation _fills;
    private readonly MarketDataTranslation _marketData;
    private readonly CancelTranslation _cancels;
    private readonly CancelRejectTranslation _cancelRejects;
    private readonly NewOrderTranslation _newOrders;
    private readonly ReportTranslation _reports;
    private readonly QuoteTranslation _quotes;
    private readonly BookTranslation _books;
    private readonly bool _readsNewOrders;
    private readonly bool _readsReports;
    private readonly bool _readsBooks;
    private SendCheck? _sendCheck;

    /// <summary>Creates a translator.</summary>
    /// <param name="protocol">The version of the messages.</param>
    /// <param name="options">The conventions agreed with the counterparty.</param>
    /// <exception cref="WireConfigurationException">An option is not accepted.</exception>
    public FixTranslator(FixProtocol protocol, FixTranslatorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        options ??= new FixTranslatorOptions();
        Check(options);
        _protocol = protocol;
        _index = new FixFieldIndex(protocol.DataTags, MaxFields);
        FixProtocolKind kind = protocol.IsFixt ? FixProtocolKind.Fixt
            : protocol.BeginString == "FIX.4.2" ? FixProtocolKind.Fix42
            : FixProtocolKind.Fix44;
        _orders = new OrderTranslation(kind, options);
        _fills = new FillTranslation(kind, options);
        _marketData = new MarketDataTranslation(kind, options);
        _cancels = new CancelTranslation(options);
        _cancelRejects = new CancelRejectTranslation(options);
        _newOrders = new NewOrderTranslation(protocol, kind, options);
        _reports = new ReportTranslation(protocol, kind, options);
        _quotes = new QuoteTranslation(protocol, options);
        _books = new BookTranslation(protocol, options);
        _readsNewOrders = options.Schemas.Contains(NewOrderSchema);
        _readsReports = options.Schemas.Contains(ReportSchema);
        _readsBooks = options.Schemas.Contains(MarketDataSchema);
    }

    /// <summary>The translated message types: D, 8, S, W, X, F and 9.</summary>
    public static IReadOnlyList<string> MsgTypes { get; } = [.. s_types.Select(type => type.MsgType)];

    /// <summary>The schemas that the adapter provides: FixNewOrderSingle, FixExecutionReport, FixMarketData, FixOrderCancel and
    /// FixOrderCancelReject, in namespace estream.fix.</summary>
    public static EsfSchemaSet OwnSchemas => s_own.Value;

    /// <summary>Returns the qualified name of the default schema for a message type; null if the type is not translated.</summary>
    public static string? SchemaOf(string msgType)
    {
        IReadOnlyList<string> schemas = SchemasOf(msgType);
        return schemas.Count == 0 ? null : schemas[0];
    }

    /// <summary>Returns the qualified names of the schemas for a message type, the default first; none if the type is not translated.
    /// <see cref="FixTranslatorOptions.Schemas"/> selects one that is not the default.</summary>
    public static IReadOnlyList<string> SchemasOf(string msgType)
    {
        return Array.Find(s_types, type => type.MsgType == msgType).Schemas ?? [];
    }

    /// <summary>Translates a complete message, from BeginString to CheckSum, to ESF. Parses the fields but does not check the frame or the
    /// dictionary.</summary>
    /// <param name="message">The bytes of the message.</param>
    /// <param name="destination">Receives the ESF message; undefined after a failure.</param>
    /// <param name="length">The number of bytes written; 0 after a failure.</param>
    public TranslateStatus ToEsf(ReadOnlySpan<byte> message, Span<byte> destination, out int length)
    {
        _index.Parse(message);
        if (_index.Fault.IsFault)
        {
            length = 0;
            return TranslateStatus.Unfit(_index.Fault.ToString());
        }

        return ToEsf(new FixMessage(message, _index), destination, out length);
    }

    /// <summary>Translates a message received from a session to ESF.</summary>
    /// <param name="message">The message.</param>
    /// <param name="destination">Receives the ESF message; undefined after a failure.</param>
    /// <param name="length">The number of bytes written; 0 after a failure.</param>
    public TranslateStatus ToEsf(in FixMessage message, Span<byte> destination, out int length)
    {
        length = 0;
        if (!message.BeginString.SequenceEqual(_protocol.BeginStringSpan))
        {
            return TranslateStatus.NotMapped("the message is of another version of FIX");
        }

        ReadOnlySpan<byte> type = message.MsgType;
        return (type.Length == 1 ? type[0] : 0) switch
        {
            'D' when _readsNewOrders => _newOrders.ToEsf(message, destination, out length),
            'D' => _orders.ToEsf(message, destination, out length),
            '8' when _readsReports => _reports.ToEsf(message, destination, out length),
            '8' => _fills.ToEsf(message, destination, out length),
            'S' => _quotes.ToEsf(message, destination, out length),
            'W' when !_readsBooks => _marketData.ToEsf(message, destination, out length),
            'W' or 'X' => _books.ToEsf(message, destination, out length),
            'F' => _cancels.ToEsf(message, destination, out length),
            '9' => _cancelRejects.ToEsf(message, destination, out length),
            _ => TranslateStatus.NotMapped("messages of this type are not translated; the translated types are D, 8, S, W, X, F, 9"),
        };
    }

    /// <summary>Translates an ESF message to FIX. A fill also needs the state of its order: use the other overload. A message that lacks a
    /// required field of the version, or has a code that its dictionary does not list, is refused.</summary>
    /// <param name="message">The message, valid for its schema, with private fields as plaintext.</param>
    /// <param name="destination">Cleared, then filled; undefined after a failure.</param>
    public TranslateStatus ToFix(in EsfMessage message, FixMessageBuilder destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return Checked(Write(message, destination), destination);
    }

    /// <summary>Translates a fill to an execution report, which is checked as by the other overload.</summary>
    /// <param name="fill">The fill, valid for its schema.</param>
    /// <param name="state">The state of the order after the fill.</param>
    /// <param name="destination">Cleared, then filled; undefined after a failure.</param>
    public TranslateStatus ToFix(in EsfMessage fill, in FixFillState state, FixMessageBuilder destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return fill.Schema.Id == EStreamFill.SchemaId
            ? Checked(_fills.ToFix(fill.Bytes, state, destination), destination)
            : TranslateStatus.NotMapped("the message is not an EStreamFill");
    }

    private TranslateStatus Write(in EsfMessage message, FixMessageBuilder destination)
    {
        return message.Schema.Id switch
        {
            EStreamOrder.SchemaId => _orders.ToFix(message.Bytes, destination),
            EStreamMarketData.SchemaId => _marketData.ToFix(message.Bytes, destination),
            EStreamQuote.SchemaId => _quotes.ToFix(message.Bytes, destination),
            FixNewOrderSingle.SchemaId => _newOrders.ToFix(message.Bytes, destination),
            FixExecutionReport.SchemaId => _reports.ToFix(message.Bytes, destination),
            FixMarketData.SchemaId => _books.ToFix(message.Bytes, destination),
            FixOrderCancel.SchemaId => _cancels.ToFix(message.Bytes, destination),
            FixOrderCancelReject.SchemaId => CancelRejectTranslation.ToFix(message.Bytes, destination),
            EStreamFill.SchemaId =>
                TranslateStatus.Unfit("an execution report needs the state of its order (14, 151, 6): pass a FixFillState"),
            _ => TranslateStatus.NotMapped("messages of this schema are not translated"),
        };
    }

    private TranslateStatus Checked(TranslateStatus written, FixMessageBuilder message)
    {
        return written.IsOk ? (_sendCheck ??= new SendCheck(_protocol)).Check(message) : written;
    }

    internal static void Check(FixTranslatorOptions options)
    {
        Range("QuantityDecimals", options.QuantityDecimals, 0, FixText.MaxDecimals);
        Range("HandlInst", options.HandlInst, 1, 3);
        if (!Enum.GetNames<MarketDataInterval>().Contains(options.Interval))
        {
            throw new WireConfigurationException(
                "Interval", $"'{options.Interval}' is not accepted; write {string.Join(" or ", Enum.GetNames<MarketDataInterval>())}.");
        }

        if (options.Schemas.FirstOrDefault(schema => !s_types.Any(type => type.Schemas.Contains(schema))) is { } stranger)
        {
            throw new WireConfigurationException("Schemas",
                $"'{stranger}' is not accepted; write {string.Join(" or ", s_types.SelectMany(type => type.Schemas).Distinct())}.");
        }

        foreach (int tag in options.PassingTags)
        {
            Range("PassingTags", tag, 1, MaxPassingTag);
        }
    }

    private static void Range(string key, int value, int min, int max)
    {
        if (value < min || value > max)
        {
            throw new WireConfigurationException(key, $"{value} is not accepted; write a whole number from {min} to {max}.");
        }
    }

    private static EsfSchemaSet ReadOwn()
    {
        const string Name = "fix-orders.esf.yaml";
        using Stream stream = typeof(FixTranslator).Assembly.GetManifestResourceStream(Name)
            ?? throw new InvalidOperationException($"{Name} is missing from this build.");
        using StreamReader reader = new(stream);
        return EsfSchemaSet.Parse(new EsfSchemaFile(Name, reader.ReadToEnd()));
    }
}
