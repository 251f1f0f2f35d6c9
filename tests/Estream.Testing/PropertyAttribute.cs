using Xunit.Abstractions;
using Xunit.Sdk;

namespace Estream.Testing;

/// <summary>
/// A test method whose arguments FsCheck generates. Runs an everyday number of cases, and a larger number under <c>./test.sh --long</c>. A
/// failure names the value of <see cref="ReplayVariable"/> that generates the failing case again.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Estream.Testing.PropertyDiscoverer", "Estream.Testing")]
public sealed class PropertyAttribute : FsCheck.Xunit.PropertyAttribute
{
    /// <summary>The environment variable that selects the cases to generate: <c>(seed,gamma,size)</c> for one case, <c>(seed,gamma)</c> for
    /// a whole run.</summary>
    public const string ReplayVariable = "ESTREAM_TEST_REPLAY";

    private static readonly string? s_replay = Environment.GetEnvironmentVariable(ReplayVariable);

    private int _longEndSize;

    /// <summary>A property that is tested with the same number of cases in every run.</summary>
    /// <param name="maxTest">The number of cases.</param>
    public PropertyAttribute(int maxTest)
    {
        MaxTest = maxTest;
        if (!string.IsNullOrEmpty(s_replay))
        {
            Replay = s_replay;
        }
    }

    /// <summary>A property that is tested with more cases in long runs.</summary>
    /// <param name="maxTest">The number of cases of an everyday run.</param>
    /// <param name="longMaxTest">The number of cases of a long run.</param>
    public PropertyAttribute(int maxTest, int longMaxTest)
        : this(LongRun.Count(maxTest, longMaxTest))
    {
    }

    /// <summary>The size of the last case; <see cref="LongEndSize"/> replaces it in long runs.</summary>
    public new int EndSize
    {
        get => base.EndSize;
        set => base.EndSize = LongRun.IsOn && _longEndSize > 0 ? _longEndSize : value;
    }

    /// <summary>The size of the last case in long runs; zero for <see cref="EndSize"/>.</summary>
    public int LongEndSize
    {
        get => _longEndSize;
        set
        {
            _longEndSize = value;
            base.EndSize = LongRun.IsOn && value > 0 ? value : base.EndSize;
        }
    }
}

/// <summary>Selects the counts of an everyday run, or the full counts of `./test.sh --long`.</summary>
public static class LongRun
{
    /// <summary>The variable `./test.sh --long` sets to 1.</summary>
    public const string Variable = "ESTREAM_TEST_LONG";

    /// <summary>True for the full counts.</summary>
    public static bool IsOn { get; } = Environment.GetEnvironmentVariable(Variable) == "1";

    /// <summary>Returns the everyday count, or the full count in a long run.</summary>
    public static int Count(int everyday, int full)
    {
        return IsOn ? full : everyday;
    }

    /// <summary>Returns the everyday duration, or the full duration in a long run.</summary>
    public static TimeSpan Duration(TimeSpan everyday, TimeSpan full)
    {
        return IsOn ? full : everyday;
    }
}

/// <summary>Creates the test case of a method that has <see cref="PropertyAttribute"/>. xUnit creates the discoverer by name.</summary>
public sealed class PropertyDiscoverer : IXunitTestCaseDiscoverer
{
    private readonly IMessageSink _diagnostics;

    /// <summary>Creates a discoverer.</summary>
    /// <param name="diagnosticMessageSink">Receives the diagnostic messages of the test cases.</param>
    public PropertyDiscoverer(IMessageSink diagnosticMessageSink) => _diagnostics = diagnosticMessageSink;

    /// <inheritdoc/>
    public IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod,
        IAttributeInfo factAttribute) =>
        [new ReplayablePropertyTestCase(_diagnostics, discoveryOptions.MethodDisplayOrDefault(),
            discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod)];
}
