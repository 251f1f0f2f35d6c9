using Estream.Scenarios.Harness;
using Estream.Testing;

namespace Estream.Scenarios.Tests;

/// <summary>`--quick` leaves out the rows that no ratio needs, reports them, and leaves out nothing else.</summary>
public sealed class QuickRunTests
{
    [NativePeersFact]
    public void A_quick_run_keeps_the_rows_of_ratios_and_reports_skipped_rows()
    {
        using TempDirectory directory = new();
        string file = directory.Combine("rows.json");

        ProcessResult run = Harness.Run("append", "esf-decode", "--case", "64B", "--case", "IoTTelemetry", "--quick", "--tiny", "--json",
            file, "--data", directory.Path).EnsureSuccess();

        Assert.Equal(
            [
                "append 64B floor-cpp", "append 64B estream", "esf-decode IoTTelemetry hand-written", "esf-decode IoTTelemetry estream",
                "esf-decode IoTTelemetry memorypack", "esf-decode IoTTelemetry messagepack",
                "esf-decode IoTTelemetry google-flatbuffers", "esf-decode IoTTelemetry protobuf-net",
            ],
            Harness.RowsIn(file).Select(r => $"{r.Text("scenario")} {r.Text("case")} {r.Text("implementation")}"));
        Assert.Equal(
            [
                "--quick skips in append: channels, faster-log",
                "--quick skips in esf-decode: google-protobuf, system-text-json",
            ],
            run.Output.Split('\n').Where(line => line.StartsWith("--quick skips", StringComparison.Ordinal)));
    }

    /// <summary>In every scenario, `--quick` keeps the product, the reference of its ratio, and rows with a target of their own.</summary>
    [Fact]
    public void A_quick_run_skips_every_row_that_no_target_needs()
    {
        Assert.All(Catalog.All.SelectMany(scenario => scenario.Cases), scenarioCase => Assert.All(
            scenarioCase.Contenders,
            contender => Assert.Equal(
                contender.Implementation != "estream" && contender.Implementation != scenarioCase.Reference && contender.Target is null,
                contender.IsPeer)));
    }

    [Fact]
    public void A_quick_run_does_not_change_the_run_size()
    {
        Assert.Equal(RunSize.Full, CommandLine.Parse(["--quick"]).Size);
        Assert.Equal(RunSize.Tiny, CommandLine.Parse(["--quick", "--tiny"]).Size);
    }

    [Fact]
    public void A_missed_target_is_reported_and_is_not_a_failure()
    {
        using TempDirectory directory = new();

        // Without a compiler there is no floor row, and without the floor its ratio cannot be met.
        ProcessResult run = Harness.RunWithoutTools("append", "--quick", "--tiny", "--data", directory.Path);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("not built, so missing in append: floor-cpp", run.Output, StringComparison.Ordinal);
        Assert.Contains("targets: 0 met, 1 missed (append 64B)", run.Output, StringComparison.Ordinal);
    }
}
