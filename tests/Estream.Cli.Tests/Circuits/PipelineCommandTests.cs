namespace Estream.Cli.Tests;

public sealed class PipelineCommandTests
{
    private const string Good =
        "version: \"1.0\"\npipelines:\n  hot:\n    from: { queue: telemetry, schema: IoTTelemetry }\n    stages: [{ filter: value > 30 "
        + "}]\n    to: { map: hot, key: device_id }\n";

    [Fact]
    public async Task Check_accepts_a_valid_file_and_lists_errors_with_file_and_line()
    {
        using SampleData data = new();
        string good = data.Write("good.pipeline.yaml", Good);
        string wrong = data.Write("wrong.pipeline.yaml",
            Good.Replace("value >", "vlaue >", StringComparison.Ordinal).Replace("hot", "cold", StringComparison.Ordinal));

        CliResult result = await data.RunAsync("pipeline", "check", good);
        Assert.Equal((ExitCode.Ok, ""), (result.Code, result.Error));
        Assert.Equal($"{good}: ok, hot", Assert.Single(result.Lines));

        result = await data.RunAsync("pipeline", "check", wrong, good);
        Assert.Equal((ExitCode.No, ""), (result.Code, result.Error));
        Assert.StartsWith($"{wrong}(5,24): error EPL012: ", result.Lines[0], StringComparison.Ordinal);
        Assert.Contains("Did you mean 'value'?", result.Lines[0], StringComparison.Ordinal);
        Assert.Equal($"{good}: ok, hot", result.Lines[^1]);
    }

    [Fact]
    public async Task Check_reports_conflicts_between_pipelines_of_two_files()
    {
        using SampleData data = new();
        string one = data.Write("one.pipeline.yaml", Good);
        string two = data.Write("two.pipeline.yaml", Good);
        CliResult result = await data.RunAsync("pipeline", "check", one, two);
        Assert.Equal(ExitCode.No, result.Code);
        Assert.Contains($"{two}(3,3): error EPL021", result.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_fails_for_a_missing_pipeline_file()
    {
        using SampleData data = new();
        (await data.RunAsync("pipeline", "check", "gone.pipeline.yaml")).AssertFailed(ExitCode.Failed, "gone.pipeline.yaml");
    }
}
