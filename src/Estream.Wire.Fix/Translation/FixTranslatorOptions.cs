namespace Estream.Wire.Fix;

/// <summary>Conventions agreed with a counterparty that messages do not carry. With the defaults, every field without a counterpart is
/// refused.</summary>
public sealed record FixTranslatorOptions
{
    /// <summary>Our SenderCompID. An order of another submitter is sent with the submitter in OnBehalfOfCompID (115). Default: none, every
    /// order is sent with that field.</summary>
    public string? SenderCompId { get; init; }

    /// <summary>The number of decimal places of a quantity, for example 2 if ESF counts in hundredths. A quantity with more decimals is
    /// refused. Default: 0, at most 18.</summary>
    public int QuantityDecimals { get; init; }

    /// <summary>The interval of a market data snapshot (W), a value of MarketDataInterval; FIX does not carry it. Default: Tick.</summary>
    public string Interval { get; init; } = "Tick";

    /// <summary>HandlInst (21) of orders: 1, 2 or 3. A received order with another value is refused. Sent only in FIX 4.2, which requires
    /// it. Default: 1, automated without intervention.</summary>
    public int HandlInst { get; init; } = 1;

    /// <summary>The qualified names of the schemas to translate to, for message types that have two: estream.fix.FixNewOrderSingle for D,
    /// estream.fix.FixExecutionReport for 8, estream.fix.FixMarketData for W. Default: none, D is translated to EStreamOrder, 8 to
    /// EStreamFill and W to EStreamMarketData, which do not have every field.</summary>
    public IReadOnlyCollection<string> Schemas { get; init; } = [];

    /// <summary>Tags of fields that are silently dropped when translating to ESF. A field that is not listed and has no counterpart is
    /// refused. Tags from 1 to 99,999. Default: none.</summary>
    public IReadOnlyCollection<int> PassingTags { get; init; } = [];
}
