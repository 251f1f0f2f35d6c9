using System.Text.Json;
using Estream.Testing;

namespace Estream.Journeys;

/// <summary>The journey of an evaluator who runs the benchmarks: one command, a table, a file. The runs are tiny, so the figures mean
/// nothing. The test checks that scenarios run and report what the README promises; EveryScenarioTests runs the others.</summary>
public sealed class RunTheHarnessTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    private static readonly string[] s_scenarios = ["append", "map-get", "mqtt-ingest"];

    [Fact]
    public void Scenarios_run_and_write_their_rows()
    {
        using TempDirectory place = new();
        string file = place.Combine("rows.json");
        File.WriteAllText(file, "overwritten");
        string[] arguments = ["run", "-c", BuiltProgram.Configuration, "--no-build", "--project", "bench/Estream.Scenarios", "--",
            .. s_scenarios, "--tiny", "--json", file];

        ProcessResult run = ChildProcess.Run("dotnet", arguments, RepositoryRoot.Path, limit: s_limit).EnsureSuccess();

        JsonElement[] rows = [.. JsonDocument.Parse(File.ReadAllText(file)).RootElement.EnumerateArray()];
        Assert.All(rows, CheckRow);
        Assert.Equal(s_scenarios.Order(),
            rows.Where(r => Text(r, "implementation") == "estream").Select(r => Text(r, "scenario")).Distinct().Order());
        Assert.Equal(rows.Length, rows.Select(r => (Text(r, "scenario"), Text(r, "implementation"), Text(r, "case"))).Distinct().Count());
        Assert.All(s_scenarios, scenario => Assert.Contains(scenario, run.Output, StringComparison.Ordinal));
        string[] lines = run.Output.Split('\n');
        foreach (string entry in (string[])["date", "command", "processor", "caches", "memory", "system", "dotnet", "compiler", "files"])
        {
            Assert.Matches($"^{entry} +[^ ]", Assert.Single(lines, line => line.StartsWith(entry + " ", StringComparison.Ordinal)));
        }

        string heading = Assert.Single(lines, line => line.StartsWith("scenario ", StringComparison.Ordinal));
        Assert.Matches(" median +min +max +spread +ratio ", heading);
        Assert.Matches("\n" + @"append +64B +estream +ns/op( +[0-9.,]+){3} +[0-9.,]+ ?%", run.Output);
    }

    [Fact]
    public void Documented_command_runs_a_measurement()
    {
        using TempDirectory place = new();
        string file = place.Combine("rows.json");
        string[] arguments = ["run", "-c", BuiltProgram.Configuration, "--no-build", "--project", "bench/Estream.Scenarios", "--",
            "esf-decode", "--case", "IoTTelemetry", "--quick", "--json", file];

        ProcessResult run = ChildProcess.Run("dotnet", arguments, RepositoryRoot.Path, limit: s_limit).EnsureSuccess();

        JsonElement[] rows = [.. JsonDocument.Parse(File.ReadAllText(file)).RootElement.EnumerateArray()];
        Assert.Equal(["estream", "google-flatbuffers", "hand-written", "memorypack", "messagepack", "protobuf-net"],
            rows.Select(r => Text(r, "implementation")).Order());
        Assert.All(rows, CheckRow);
        Assert.DoesNotContain("--tiny", run.Output, StringComparison.Ordinal);
    }

    private static void CheckRow(JsonElement row)
    {
        Assert.Contains(Text(row, "unit"), (string[])["ns/op", "op/s"]);
        double median = row.GetProperty("median").GetDouble();
        Assert.InRange(median, row.GetProperty("min").GetDouble(), row.GetProperty("max").GetDouble());
        Assert.True(median > 0, row.ToString());
        Assert.True(row.GetProperty("runs").GetInt32() > 0, row.ToString());
    }

    private static string Text(JsonElement row, string name) => row.GetProperty(name).GetString()!;
}
