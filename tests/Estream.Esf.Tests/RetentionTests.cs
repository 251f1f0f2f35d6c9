namespace Estream.Esf.Tests;

public sealed class RetentionTests
{
    [Fact]
    public void Longest_returns_the_longest_retention_of_the_schemas()
    {
        EsfSchema reading = Schemas.Telemetry;
        EsfSchema quote = Schemas.BuiltIn("EStreamQuote");
        Assert.Equal(TimeSpan.FromDays(90), EsfRetention.Longest([reading]));
        Assert.Equal(TimeSpan.FromHours(24), EsfRetention.Longest([quote]));
        Assert.Equal(TimeSpan.FromDays(90), EsfRetention.Longest([quote, reading, quote]));
    }

    [Fact]
    public void Longest_returns_null_for_no_schemas_or_one_without_retention()
    {
        Assert.Null(EsfRetention.Longest([]));
        Assert.Null(EsfRetention.Longest([Schemas.Telemetry, Schemas.Everything]));
    }
}
