using System.Text.Json;

namespace Estream.Cli.Tests;

public sealed class QueueCommandTests
{
    [Fact]
    public async Task Damage_is_a_no_with_file_and_offset()
    {
        using SampleData data = new();
        long position = data.AppendReadings(100)[50];
        string segment = Directory.GetFiles(data.QueueFolder).Where(file => Path.GetExtension(file) == ".seg").Order(StringComparer.Ordinal).First();
        FlipByte(segment, position + 40);

        CliResult text = await data.RunAsync("queue", "verify", "telemetry");
        Assert.Equal(ExitCode.No, text.Code);
        Assert.StartsWith($"damaged: {segment} at byte ", Assert.Single(text.Lines), StringComparison.Ordinal);
        Assert.Contains("whole before it: 50 messages", text.Output, StringComparison.Ordinal);

        CliResult json = await data.RunAsync("queue", "verify", "telemetry", "--json");
        Assert.Equal(ExitCode.No, json.Code);
        using JsonDocument document = JsonDocument.Parse(json.Output);
        Assert.False(document.RootElement.GetProperty("whole").GetBoolean());
        Assert.Equal(segment, document.RootElement.GetProperty("damage").GetProperty("path").GetString());
    }

    [Fact]
    public async Task A_whole_queue_is_a_yes_with_its_counts()
    {
        using SampleData data = new();
        data.AppendReadings(3);
        CliResult text = await data.RunAsync("queue", "verify", "telemetry");
        Assert.Equal(ExitCode.Ok, text.Code);
        Assert.Matches("^whole: 3 messages, [0-9]+ bytes of payload, 1 segments\n$", text.Output);
        CliResult json = await data.RunAsync("queue", "verify", "telemetry", "--json");
        Assert.Matches("""^\{"whole":true,"segments":1,"messages":3,"payloadBytes":[0-9]+\}\n$""", json.Output);
    }

    [Fact]
    public async Task Info_tells_what_is_there()
    {
        using SampleData data = new();
        long first = data.AppendReadings(3)[0];

        CliResult text = await data.RunAsync("queue", "info", "telemetry");
        Assert.Equal(ExitCode.Ok, text.Code);
        Assert.Equal($"directory  {data.QueueFolder}", text.Lines[0]);
        Assert.Equal("messages   3, sequence 0 up to 3 (the next)", text.Lines[1]);
        Assert.StartsWith($"positions  {first} up to ", text.Lines[2], StringComparison.Ordinal);
        Assert.Equal(["segments   1 of 65536 bytes", "writer     none", "encrypted  no"], text.Lines[3..]);

        using JsonDocument json = JsonDocument.Parse((await data.RunAsync("queue", "info", "telemetry", "--json")).Output);
        Assert.Equal(
            ["directory", "messages", "firstSequence", "nextSequence", "firstPosition", "endPosition", "segments", "segmentBytes", "writerProcessId", "encrypted", "tailers"],
            json.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Equal(3, json.RootElement.GetProperty("messages").GetInt64());
    }

    [Fact]
    public async Task Info_names_writer_and_readers()
    {
        using SampleData data = new();
        data.AppendReadings(1);
        using Queue.EstreamQueue queue = Queue.EstreamQueue.Open(data.QueueFolder);
        using Queue.QueueAppender appender = queue.CreateAppender(Queue.AppenderMode.Exclusive);
        using Queue.QueueTailer tailer = queue.CreateTailer("alarms");

        CliResult text = await data.RunAsync("queue", "info", "telemetry");

        Assert.Contains($"writer     process {Environment.ProcessId}", text.Lines);
        Assert.Contains($"tailer     alarms goes on at {tailer.Position}", text.Lines);
    }

    private static void FlipByte(string file, long offset)
    {
        using FileStream stream = new(file, FileMode.Open, FileAccess.ReadWrite);
        stream.Position = offset;
        int value = stream.ReadByte();
        stream.Position = offset;
        stream.WriteByte((byte)(value ^ 0x20));
    }
}
