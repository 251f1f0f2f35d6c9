using Estream.Queue;

namespace Estream.Cli.Tests;

/// <summary>`estream queue append` on the data folder of this machine.</summary>
public sealed class QueueAppendTests : IDisposable
{
    private const string Reading = """{"device_id":"pump-7","timestamp":1,"metric_name":"flow","value":1.5}""";

    private readonly SampleData _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Lines_of_json_are_stored_as_messages_of_the_schema()
    {
        _data.AppendReadings(1);
        CliResult result = await _data.RunWithInputAsync(
            $"{Reading}\n\n{Reading}", "queue", "append", "telemetry", "--schema", "IoTTelemetry");
        Assert.Equal((ExitCode.Ok, "stored 2 messages\n", ""), (result.Code, result.Output, result.Error));
        string[] lines = (await _data.RunAsync("tail", "telemetry")).Lines;
        Assert.Equal(3, lines.Length);
        Assert.EndsWith("""IoTTelemetry  {"device_id":"pump-7","timestamp":1,"metric_name":"flow","value":1.5}""", lines[2],
            StringComparison.Ordinal);
        Assert.Contains("queue append telemetry: done (2 messages)", (await _data.RunAsync("audit")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"device_id":"pump-7","timestamp":1,"metric_name":"flow","value":"much"}""", "line 2, column ", "value")]
    [InlineData("not json", "line 2, column 1: a JSON object begins with '{'")]
    [InlineData("""{"device_id":"pump-7",""", "line 2, column 1: the input ends inside the object that starts here")]
    public async Task An_invalid_line_is_named_and_stores_nothing_after_the_lines_before_it(string line, params string[] parts)
    {
        _data.AppendReadings(1);
        CliResult result = await _data.RunWithInputAsync(
            $"{Reading}\n{line}\n{Reading}\n", "queue", "append", "telemetry", "--schema", "IoTTelemetry");
        result.AssertFailed(ExitCode.No, [.. parts, "1 messages are stored."]);
        Assert.Equal(2, (await _data.RunAsync("tail", "telemetry")).Lines.Length);
    }

    [Fact]
    public async Task A_file_is_read_with_a_schema_of_another_file()
    {
        EstreamQueue.Open(Path.Combine(_data.Folder, "queues", "doors")).Dispose();
        string schema = _data.Write("doors.esf.yaml",
            "version: \"1.0\"\nnamespace: plant.doors\nschemas:\n  DoorOpened:\n    fields:\n      door: { type: string(16) }\n");
        string input = _data.Write("doors.jsonl", "{\"door\":\"north\"}\n");
        CliResult result =
            await _data.RunAsync("queue", "append", "doors", input, "--schema", "DoorOpened", "--schema-file", schema);
        Assert.Equal((ExitCode.Ok, "stored 1 messages\n"), (result.Code, result.Output));
        Assert.Contains("north", (await _data.RunAsync("tail", "doors", "--schema", schema)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_go_into_a_queue_of_a_known_schema_only_with_raw()
    {
        _data.AppendReadings(1);
        (await _data.RunWithInputAsync("text\n", "queue", "append", "telemetry")).AssertFailed(ExitCode.Failed,
            "The queue 'telemetry' has messages of estream.iot.IoTTelemetry.", "--schema IoTTelemetry", "--raw");
        CliResult result = await _data.RunWithInputAsync("text\r\n\nlast", "queue", "append", "telemetry", "--raw");
        Assert.Equal((ExitCode.Ok, "stored 3 messages\n"), (result.Code, result.Output));
        (await _data.RunWithInputAsync("text\n", "queue", "append", "telemetry")).AssertFailed(ExitCode.Failed, "--schema IoTTelemetry");
        (await _data.RunWithInputAsync(new string('x', 70_000), "queue", "append", "telemetry", "--raw"))
            .AssertFailed(ExitCode.No, "line 1 is longer than ", "0 messages are stored.");
    }

    [Fact]
    public async Task Lines_go_into_an_empty_queue_only_with_raw_and_then_without_it()
    {
        EstreamQueue.Open(Path.Combine(_data.Folder, "queues", "notes")).Dispose();
        (await _data.RunWithInputAsync("text\n", "queue", "append", "notes")).AssertFailed(
            ExitCode.Failed, "The queue 'notes' has no messages", "--schema NAME", "--raw");
        Assert.Equal("stored 1 messages\n", (await _data.RunWithInputAsync("text\n", "queue", "append", "notes", "--raw")).Output);
        Assert.Equal("stored 1 messages\n", (await _data.RunWithInputAsync("text\n", "queue", "append", "notes")).Output);
    }

    [Fact]
    public async Task Append_is_refused_with_the_way_out()
    {
        (await _data.RunAsync("queue", "append", "orders")).AssertFailed(ExitCode.Failed, "'orders'", "ESTREAM_DATA");
        _data.AppendReadings(1);
        (await _data.RunAsync("queue", "append", "telemetry", "--schema", "IoTTelemetri"))
            .AssertFailed(ExitCode.No, "Did you mean 'IoTTelemetry'?");
        (await _data.RunAsync("queue", "append", "telemetry", "--schema", "IoTTelemetry", "--raw"))
            .AssertFailed(ExitCode.Failed, "--schema and --raw cannot be used together");
        (await _data.RunAsync("queue", "append", "telemetry", "--schema", "IoTCommand"))
            .AssertFailed(ExitCode.Failed, "private or tokenized fields", "adapter");
        using EstreamQueue queue = EstreamQueue.Open(_data.QueueFolder);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        (await _data.RunAsync("queue", "append", "telemetry", "--schema", "IoTTelemetry")).AssertFailed(ExitCode.Failed,
            "--host unix:");
    }
}
