using System.Text.Json;
using Estream.Scenarios.Harness;
using Estream.Testing;

namespace Estream.Scenarios.Tests;

/// <summary>`--quick` leaves out what nobody needs for a ratio, says so, and leaves out nothing else.</summary>
public sealed class QuickRunTests
{
    private static readonly string[] s_rows =
    [
        "append 64B estream", "append 64B estream-crc32c", "append 64B floor-cpp", "read 64B estream", "read 64B floor-cpp",
        "map-get 1K absl", "map-get 1K estream", "map-get 1M absl", "map-get 1M estream",
        "map-put 1K absl", "map-put 1K estream", "map-put 1M absl", "map-put 1M estream",
        "esf-encode IoTTelemetry estream", "esf-encode IoTTelemetry hand-written",
        "esf-decode IoTTelemetry estream", "esf-decode IoTTelemetry hand-written",
        "mqtt-ingest 100B estream",
    ];

    [NativePeersFact]
    public void It_keeps_the_rows_of_the_ratios_and_names_what_it_skips()
    {
        using TempDirectory directory = new();
        string file = directory.Combine("rows.json");

        ProcessResult run = Harness.Run("--quick", "--tiny", "--json", file, "--data", directory.Path).EnsureSuccess();

        List<JsonElement> rows = Harness.RowsIn(file);
        Assert.Equal(s_rows.Order(StringComparer.Ordinal), rows.Select(r => $"{r.Text("scenario")} {r.Text("case")} {r.Text("implementation")}").Order(StringComparer.Ordinal));
        Assert.Equal(
            [
                "--quick skips in append: channels",
                "--quick skips in read: channels",
                "--quick skips in map-get: dictionary, concurrent-dictionary",
                "--quick skips in map-put: dictionary, concurrent-dictionary",
                "--quick skips in esf-encode: system-text-json",
                "--quick skips in esf-decode: system-text-json",
            ],
            run.Output.Split('\n').Where(line => line.StartsWith("--quick skips", StringComparison.Ordinal)));
    }

    [Fact]
    public void It_keeps_the_sizes()
    {
        Assert.Equal(RunSize.Full, CommandLine.Parse(["--quick"]).Size);
        Assert.Equal(RunSize.Tiny, CommandLine.Parse(["--quick", "--tiny"]).Size);
    }

    [Fact]
    public void A_missed_target_is_said_and_is_no_failure()
    {
        using TempDirectory directory = new();

        // Without a compiler there is no floor, and without the floor its ratio cannot be met.
        ProcessResult run = Harness.RunWithoutTools("append", "--quick", "--tiny", "--data", directory.Path);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("not built, so missing in append: floor-cpp", run.Output, StringComparison.Ordinal);
        Assert.Contains("targets: 0 met, 1 missed (append 64B)", run.Output, StringComparison.Ordinal);
    }
}
