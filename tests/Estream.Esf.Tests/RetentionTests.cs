namespace Estream.Esf.Tests;

public sealed class RetentionTests
{
    [Fact]
    public void A_log_keeps_for_as_long_as_the_schema_that_asks_for_most()
    {
        EsfSchema reading = Schemas.Telemetry;
        EsfSchema quote = Schemas.BuiltIn("EStreamQuote");
        Assert.Equal(TimeSpan.FromDays(90), EsfRetention.Longest([reading]));
        Assert.Equal(TimeSpan.FromHours(24), EsfRetention.Longest([quote]));
        Assert.Equal(TimeSpan.FromDays(90), EsfRetention.Longest([quote, reading, quote]));
    }

    [Fact]
    public void One_schema_without_a_limit_or_none_at_all_keeps_for_ever()
    {
        Assert.Null(EsfRetention.Longest([]));
        Assert.Null(EsfRetention.Longest([Schemas.Telemetry, Schemas.Everything]));
    }
}
