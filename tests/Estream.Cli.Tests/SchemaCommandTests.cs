using Estream.Esf;

namespace Estream.Cli.Tests;

public sealed class SchemaCommandTests
{
    private const string Good =
        "version: \"1.0\"\nnamespace: plant.doors\nschemas:\n  DoorOpened:\n    fields:\n      door: { type: string(16) }\n      at: { "
        + "type: timestamp, optional: true }\n";

    [Fact]
    public async Task Check_lists_schema_errors_with_file_and_line()
    {
        using SampleData data = new();
        string wrong = data.Write("wrong.esf.yaml", Good.Replace("string(16)", "strin(16)", StringComparison.Ordinal));
        string good = data.Write("good.esf.yaml", Good);

        CliResult result = await data.RunAsync("schema", "check", wrong, good);

        Assert.Equal((ExitCode.No, ""), (result.Code, result.Error));
        Assert.Matches($"^{System.Text.RegularExpressions.Regex.Escape(wrong)}\\(6,[0-9]+\\): error ESF[0-9]+: .*strin", result.Lines[0]);
        Assert.Equal($"{good}: ok, plant.doors.DoorOpened", result.Lines[^1]);
    }

    [Fact]
    public async Task Check_fails_for_a_schema_file_that_cannot_be_read()
    {
        using SampleData data = new();
        (await data.RunAsync("schema", "check", "gone.esf.yaml")).AssertFailed(ExitCode.Failed, "gone.esf.yaml");
    }

    [Fact]
    public async Task Show_prints_a_schema_with_its_fields()
    {
        using SampleData data = new();
        string file = data.Write("doors.esf.yaml", Good);
        CliResult result = await data.RunAsync("schema", "show", "DoorOpened", "--schema", file);
        Assert.Equal(ExitCode.Ok, result.Code);
        Assert.Equal("schema  plant.doors.DoorOpened", result.Lines[0]);
        Assert.Matches("^id      [0-9a-f]{16}$", result.Lines[1]);
        Assert.Equal(["field   door  string(16)", "field   at    timestamp   optional"], result.Lines[2..]);
    }

    [Fact]
    public async Task Show_without_a_name_lists_all_schemas()
    {
        using SampleData data = new();
        CliResult result = await data.RunAsync("schema", "list");
        Assert.Contains(result.Lines, line => line.EndsWith("  estream.iot.IoTTelemetry", StringComparison.Ordinal));
        Assert.Contains(result.Lines, line => line.EndsWith("  estream.trading.EStreamOrder", StringComparison.Ordinal));
        Assert.Contains((await data.RunAsync("schema", "list", "--format", "json")).Lines,
            line => line.EndsWith("\"name\":\"estream.iot.IoTTelemetry\"}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_unknown_schema_name_gives_exit_code_1()
    {
        using SampleData data = new();
        (await data.RunAsync("schema", "show", "Nothing")).AssertFailed(ExitCode.No, "'Nothing'", "--schema");
    }

    [Fact]
    public async Task An_ambiguous_name_must_be_qualified()
    {
        using SampleData data = new();
        string file = data.Write("other.esf.yaml", Good.Replace("DoorOpened", "IoTAlert", StringComparison.Ordinal));
        (await data.RunAsync("schema", "show", "IoTAlert", "--schema", file)).AssertFailed(ExitCode.No,
            "estream.iot.IoTAlert or plant.doors.IoTAlert");
        Assert.Equal(ExitCode.Ok, (await data.RunAsync("schema", "show", "plant.doors.IoTAlert", "--schema", file)).Code);
    }

    [Fact]
    public async Task An_older_schema_beside_the_data_still_decodes_its_messages()
    {
        using SampleData data = new();
        string old = data.Write("schemas/doors.esf.yaml", Good);
        string young = data.Write("schemas/a-doors-2.esf.yaml", Good.Replace("string(16)", "string(32)", StringComparison.Ordinal));
        File.SetLastWriteTimeUtc(old, File.GetLastWriteTimeUtc(young).AddSeconds(-2));
        Assert.True(EsfSchemaSet.Load(old).TryGet("DoorOpened", out EsfSchema? schema));
        byte[] message = new byte[256];
        Assert.True(EsfJson.TryEncode(schema, """{"door":"north"}"""u8, message, out int length).IsOk);
        data.AppendBytes(message[..length]);

        CliResult tail = await data.RunAsync("tail", SampleData.QueueName, "--json");
        CliResult show = await data.RunAsync("schema", "show", "DoorOpened");

        Assert.Contains("\"schema\":\"DoorOpened\",\"message\":{\"door\":\"north\"}", tail.Output, StringComparison.Ordinal);
        Assert.Contains("string(32)", show.Output, StringComparison.Ordinal);
    }
}
