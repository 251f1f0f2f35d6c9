namespace Estream.Scenarios.Codecs.Payments;

/// <summary>Amounts and codes of the messages.</summary>
internal static class Money
{
    public static Amount Of(long cents) => new() { Value = cents, Scale = 2, Currency = Text.Of("EUR") };

    public static Scaled Exact(long cents) => new() { Value = cents, Scale = 2 };

    public static CodeOrProprietary Code(string code) => new() { Code = Text.Of(code) };
}
