using System.Text.Json;

namespace Estream.Cli.Tests;

public sealed class QueueCommandTests
{
    [Fact]
    public async Task Verify_reports_damage_with_file_and_offset_and_exit_code_1()
    {
        using SampleData data = new();
        long position = data.AppendReadings(100)[50];
        string segment = Directory.GetFiles(data.QueueFolder).Where(file => Path.GetExtension(file) == ".seg").Order(StringComparer.Ordinal)
            .First();
        FlipByte(segment, position + 40);

        CliResult text = await data.RunAsync("queue", "verify", "telemetry");
        Assert.Equal(ExitCode.No, text.Code);
        Assert.StartsWith($"damaged: {segment} at byte ", Assert.Single(text.Lines), StringComparison.Ordinal);
        Assert.Contains("intact before it: 50 messages", text.Output, StringComparison.Ordinal);

        CliResult json = await data.RunAsync("queue", "verify", "telemetry", "--json");
        Assert.Equal(ExitCode.No, json.Code);
        using JsonDocument document = JsonDocument.Parse(json.Output);
        Assert.False(document.RootElement.GetProperty("whole").GetBoolean());
        Assert.Equal(segment, document.RootElement.GetProperty("damage").GetProperty("path").GetString());
    }

    [Fact]
    public async Task Verify_accepts_an_intact_queue_and_prints_its_counts()
    {
        using SampleData data = new();
        data.AppendReadings(3);
        CliResult text = await data.RunAsync("queue", "verify", "telemetry");
        Assert.Equal(ExitCode.Ok, text.Code);
        Assert.Matches("^intact: 3 messages, [0-9]+ bytes of payload, 1 segments\n$", text.Output);
        CliResult json = await data.RunAsync("queue", "verify", "telemetry", "--json");
        Assert.Matches("""^\{"whole":true,"segments":1,"messages":3,"payloadBytes":[0-9]+\}\n$""", json.Output);
    }

    [Fact]
    public async Task Info_prints_the_content_of_a_queue()
    {
        using SampleData data = new();
        long first = data.AppendReadings(3)[0];

        CliResult text = await data.RunAsync("queue", "info", "telemetry");
        Assert.Equal(ExitCode.Ok, text.Code);
        Assert.Equal($"directory  {data.QueueFolder}", text.Lines[0]);
        Assert.Equal("messages   3, sequence 0 to 3 (next)", text.Lines[1]);
        Assert.StartsWith($"positions  {first} to ", text.Lines[2], StringComparison.Ordinal);
        Assert.Equal(
            ["segments   1 of 65536 bytes", "retention  keeps everything",
                "durability PageCache: adapters acknowledge a message before it is durable; a power cut can lose it",
                "writer     none", "encrypted  no"],
            text.Lines[3..]);

        using JsonDocument json = JsonDocument.Parse((await data.RunAsync("queue", "info", "telemetry", "--json")).Output);
        Assert.Equal(
            ["directory", "messages", "firstSequence", "nextSequence", "firstPosition", "endPosition", "segments", "segmentBytes",
                "durability", "writerProcessId", "encrypted", "retention", "appenders", "tailers", "segmentUsers", "segmentUsersComplete"],
            json.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Equal(3, json.RootElement.GetProperty("messages").GetInt64());
        Assert.Equal((0, true),
            (json.RootElement.GetProperty("segmentUsers").GetArrayLength(),
                json.RootElement.GetProperty("segmentUsersComplete").GetBoolean()));
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
        Assert.Contains($"appender   process {Environment.ProcessId}, exclusive", text.Lines);
        Assert.Contains(
            $"tailer     alarms at {tailer.Position}, message 0, 1 messages and {appender.NextPosition - tailer.Position} bytes "
            + $"behind, in use by process {Environment.ProcessId}", text.Lines);

        using JsonDocument json = JsonDocument.Parse((await data.RunAsync("queue", "info", "telemetry", "--json")).Output);
        Assert.Equal($$"""[{"processId":{{Environment.ProcessId}},"mode":"exclusive"}]""",
            json.RootElement.GetProperty("appenders").GetRawText());
        Assert.Equal(
            $$"""[{"name":"alarms","position":{{tailer.Position}},"sequence":0,"lagMessages":1,"lagBytes":{{appender.NextPosition - tailer.Position}},"inUse":true,"processId":{{Environment.ProcessId}}}]""",
            json.RootElement.GetProperty("tailers").GetRawText());
    }

    [Fact]
    public async Task Info_shows_open_readers_without_a_name()
    {
        using SampleData data = new();
        data.AppendReadings(1);
        using Queue.EstreamQueue readOnly = Queue.EstreamQueue.OpenReadOnly(data.QueueFolder);
        using Queue.QueueTailer unnamed = readOnly.CreateTailer();
        Assert.True(unnamed.TryRead(out _));
        string place = $"between 256 and {unnamed.Position}";
        string line = Inside(await data.RunAsync("queue", "info", "telemetry"));
        Assert.StartsWith($"inside     process {Environment.ProcessId} (", line, StringComparison.Ordinal);
        Assert.EndsWith($") {place}: an unnamed tailer", line, StringComparison.Ordinal);

        using Queue.EstreamQueue queue = Queue.EstreamQueue.Open(data.QueueFolder);
        using Queue.QueueAppender appender = queue.CreateAppender(Queue.AppenderMode.Exclusive);
        using Queue.QueueTailer named = queue.CreateTailer("alarms");
        line = Inside(await data.RunAsync("queue", "info", "telemetry"));
        Assert.EndsWith($") {place}: tailer alarms, an appender, possibly an unnamed tailer", line, StringComparison.Ordinal);

        using JsonDocument json = JsonDocument.Parse((await data.RunAsync("queue", "info", "telemetry", "--json")).Output);
        JsonElement user = json.RootElement.GetProperty("segmentUsers").EnumerateArray().Single();
        Assert.Equal((Environment.ProcessId, 256L, unnamed.Position),
            (user.GetProperty("processId").GetInt32(), user.GetProperty("firstPosition").GetInt64(),
                user.GetProperty("endPosition").GetInt64()));
        Assert.Equal("""["alarms"]""", user.GetProperty("tailers").GetRawText());
        Assert.True(user.GetProperty("isAppender").GetBoolean());
        Assert.NotEqual("", user.GetProperty("processName").GetString());
    }

    private static string Inside(CliResult info) => Assert.Single(info.Lines, line => line.StartsWith("inside ", StringComparison.Ordinal));

    [Fact]
    public async Task Info_shows_retention_and_the_readers_that_block_it()
    {
        using SampleData data = new();
        data.AppendReadings(1);
        using Queue.EstreamQueue queue = Queue.EstreamQueue.Open(
            data.QueueFolder, new Queue.QueueOptions { RetainedBytes = 65536, RetainedAge = TimeSpan.FromHours(36) });
        queue.CreateTailer("slow").Dispose();
        using Queue.QueueAppender appender = queue.CreateAppender();
        for (int i = 0; i < 6; i++)
        {
            appender.Append(new byte[40_000]);
        }

        CliResult text = await data.RunAsync("queue", "info", "telemetry");
        Assert.Contains(text.Lines,
            line => line.StartsWith("retention  keeps 65536 bytes or 1.12:00:00; ", StringComparison.Ordinal)
                && line.EndsWith(" segments beyond that, held by slow", StringComparison.Ordinal));
        Assert.Contains($"appender   process {Environment.ProcessId}, shared", text.Lines);
        using JsonDocument json = JsonDocument.Parse((await data.RunAsync("queue", "info", "telemetry", "--json")).Output);
        JsonElement retention = json.RootElement.GetProperty("retention");
        Assert.Equal((65536, 129600, "slow"),
            (retention.GetProperty("retainedBytes").GetInt32(), retention.GetProperty("retainedAgeSeconds").GetInt32(),
                retention.GetProperty("heldBy")[0].GetString()));
        Assert.True(retention.GetProperty("segmentsBeyond").GetInt32() > 0);
        Assert.False(retention.GetProperty("isStoodIn").GetBoolean());
    }

    [Fact]
    public async Task A_reader_name_can_be_removed_unless_it_is_in_use()
    {
        using SampleData data = new();
        long first = data.AppendReadings(2)[0];
        using Queue.EstreamQueue queue = Queue.EstreamQueue.Open(data.QueueFolder);
        using (queue.CreateTailer("alarms"))
        {
            CliResult refused = await data.RunAsync("queue", "remove-tailer", "telemetry", "alarms");
            Assert.Equal(ExitCode.Failed, refused.Code);
            Assert.Contains($"process {Environment.ProcessId}", refused.Error, StringComparison.Ordinal);
        }

        CliResult removed = await data.RunAsync("queue", "remove-tailer", "telemetry", "alarms");
        Assert.Equal(ExitCode.Ok, removed.Code);
        Assert.StartsWith($"removed tailer alarms, whose next position was {first}, message 0, 2 messages and ", removed.Lines.Single(),
            StringComparison.Ordinal);
        CliResult none = await data.RunAsync("queue", "remove-tailer", "telemetry", "alarms");
        Assert.Equal((ExitCode.No, "there is no tailer 'alarms'"), (none.Code, none.Lines.Single()));
        Assert.Empty(queue.GetInfo().Tailers);
        CliResult nowhere = await data.RunAsync("queue", "remove-tailer", "nothing", "alarms");
        Assert.Equal(ExitCode.Failed, nowhere.Code);
        Assert.False(Directory.Exists(Path.Combine(data.Folder, "queues", "nothing")));
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
