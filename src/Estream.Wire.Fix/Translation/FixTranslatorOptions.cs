namespace Estream.Wire.Fix;

/// <summary>What two parties have agreed on that stands in no message. The defaults refuse whatever has no place.</summary>
public sealed record FixTranslatorOptions
{
    /// <summary>
    /// Our name, as in SenderCompID of what we send. An order of another submitter goes out with his name in OnBehalfOfCompID (115).
    /// Default: none, every order names its submitter there.
    /// </summary>
    public string? SenderCompId { get; init; }

    /// <summary>Places behind the point of a quantity: 2 where ESF counts in hundredths. A quantity with more places is refused. Default:
    /// 0, at most 18.</summary>
    public int QuantityDecimals { get; init; }

    /// <summary>The time that a snapshot of market data (W) is of, as its schema names it; FIX does not say. Default: Tick.</summary>
    public string Interval { get; init; } = "Tick";

    /// <summary>
    /// HandlInst (21) of orders: 1, 2 or 3. One that comes with another is refused; it is sent where the version requires it (FIX 4.2).
    /// Default: 1, automated without intervention.
    /// </summary>
    public int HandlInst { get; init; } = 1;

    /// <summary>
    /// Fields that may be left out of what becomes ESF. Each that is named is lost without a word; one that is not named and has no place
    /// is refused. Tags from 1 to 99,999. Default: none.
    /// </summary>
    public IReadOnlyCollection<int> PassingTags { get; init; } = [];
}
