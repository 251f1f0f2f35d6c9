namespace Estream.Testing;

/// <summary>The switch between the counts of an everyday run and the full ones of `./test.sh --long`.</summary>
public static class LongRun
{
    /// <summary>The variable `./test.sh --long` sets to 1.</summary>
    public const string Variable = "ESTREAM_TEST_LONG";

    /// <summary>True for the full counts.</summary>
    public static bool IsOn { get; } = Environment.GetEnvironmentVariable(Variable) == "1";

    /// <summary>The number to use now of an everyday and a full count.</summary>
    public static int Count(int everyday, int full)
    {
        return IsOn ? full : everyday;
    }

    /// <summary>The time to use now of an everyday and a full duration.</summary>
    public static TimeSpan Duration(TimeSpan everyday, TimeSpan full)
    {
        return IsOn ? full : everyday;
    }
}
