using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Tests;

/// <summary>Tests the summary of all targets that a run prints at its end.</summary>
public sealed class ReportTests
{
    [Theory]
    [InlineData(0, 130, "targets: 1 met, 0 missed\n")]
    [InlineData(0, 150, "targets: 0 met, 1 missed (append 64B)\n")]
    [InlineData(5, 130, "targets: 0 met, 0 missed, 1 not judged (append 64B)\n")]
    [InlineData(5, 150, "targets: 0 met, 0 missed, 1 not judged (append 64B)\n")]
    public void Disturbed_rows_count_as_neither_met_nor_missed(long waited, long nanos, string expected)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var report = new Report(output, new RunPlan(RunSize.Full, IsQuick: true, "/data", Peers: null));
        IScenario append = Catalog.Find("append");
        ScenarioCase scenarioCase = append.Cases[0];

        report.Add(CaseRows.Of(append, scenarioCase,
        [
            (Of("floor-cpp"), [new RunResult(10, 100)]),
            (Of("estream"), [new RunResult(10, nanos + waited) { WaitedNanos = waited }]),
        ]));
        report.End();

        Assert.Contains(expected, output.ToString(), StringComparison.Ordinal);

        Contender Of(string name) => scenarioCase.Contenders.Single(c => c.Implementation == name);
    }
}
