using System.Text;
using System.Text.Json;
using Estream.Client.Tests.Hosting;
using Estream.Crypto;
using Estream.Testing;

namespace Estream.Client.Tests;

/// <summary>Goal: the clients in C# and TypeScript pass the same cases, the file Cases/cases.json.</summary>
[Collection(HostCollection.Name)]
public sealed class CaseTests
{
    private static readonly CancellationToken s_limit = new CancellationTokenSource(TimeSpan.FromMinutes(60)).Token;
    private static readonly string s_file = Path.Combine(AppContext.BaseDirectory, "Cases", "cases.json");

    [Fact]
    public async Task The_csharp_client_passes_all_cases()
    {
        await using ClientCase host = new();
        CaseRunner runner = new(await host.ConnectAsync(), s_limit);
        using JsonDocument cases = JsonDocument.Parse(await File.ReadAllTextAsync(s_file));
        foreach (JsonElement one in cases.RootElement.EnumerateArray())
        {
            foreach (JsonElement step in one.GetProperty("steps").EnumerateArray())
            {
                await CheckAsync(runner, step);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_typescript_client_passes_all_cases(bool overWebSocket)
    {
        await using ClientCase host = new();
        string package = RepositoryRoot.Combine("packages", "client");
        string compiler = RepositoryRoot.Combine("console", "node_modules", "typescript", "bin", "tsc");
        Assert.True(File.Exists(compiler), "the console's tools are not installed: build src/Estream.Host, or run npm ci in console/");
        string output = host.Combine("dist");
        ChildProcess.Run("node", [compiler, "-p", package, "--outDir", output]).EnsureSuccess();
        File.Copy(Path.Combine(package, "package.json"), Path.Combine(output, "package.json"));
        Dictionary<string, string?> environment = new()
        {
            ["ESTREAM_TEST_CASES"] = s_file,
            ["ESTREAM_TEST_HOST"] = overWebSocket ? $"ws://127.0.0.1:{host.Host.HttpPort}/api/client" : $"unix:{host.Socket}",
            ["ESTREAM_TOKEN"] = overWebSocket ? host.AddToken(AccessRole.Operator) : null,
        };

        ProcessResult run = ChildProcess.Run(
            "node",
            ["--experimental-websocket", "--test", Path.Combine(output, "test", "cases.test.js"),
                Path.Combine(output, "test", "stream.test.js")],
            environment: environment);

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
    }

    private static async Task CheckAsync(CaseRunner runner, JsonElement step)
    {
        if (step.TryGetProperty("error", out JsonElement error))
        {
            EstreamClientException refused = await Assert.ThrowsAsync<EstreamClientException>(() => runner.RunAsync(step));
            Assert.Equal(error.GetString(), refused.Status.ToString());
            return;
        }

        string expected = step.TryGetProperty("expect", out JsonElement value) ? JsonSerializer.Serialize(value) : "null";
        Assert.True(expected == JsonSerializer.Serialize(await runner.RunAsync(step)), $"{step} returned another result");
    }
}

/// <summary>Runs the steps of a case.</summary>
internal sealed class CaseRunner(EstreamClient client, CancellationToken limit)
{
    private readonly Dictionary<string, long> _versions = [];

    public async Task<object?> RunAsync(JsonElement step)
    {
        RemoteMap? map = Text(step, "map") is { } name ? client.Map(name) : null;
        RemoteQueue? queue = Text(step, "queue") is { } log ? client.Queue(log) : null;
        string key = Text(step, "key") ?? "";
        byte[] value = Encoding.UTF8.GetBytes(Text(step, "value") ?? "");
        switch (Text(step, "do"))
        {
            case "append":
                await queue!.AppendBatchAsync([.. step.GetProperty("messages").EnumerateArray()
                    .Select(message => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(message.GetString()!))], limit);
                return null;
            case "appendKey":
                return (await client.PartitionedQueue(queue!.Name).AppendAsync(Encoding.UTF8.GetBytes(key), value, limit)).Partition;
            case "resume":
                return await ResumeAsync(queue!, step);
            case "info":
                RemoteQueueInfo info = await queue!.GetInfoAsync(limit);
                return new { firstSequence = info.FirstSequence, nextSequence = info.NextSequence, isWritable = info.IsWritable };
            case "read":
                return await ReadAsync(queue!, step);
            case "removeCursor":
                return await queue!.RemoveCursorAsync(Text(step, "cursor")!, limit);
            case "group":
                return await ConsumeAsync(step);
            case "get":
                return await ValueAsync(map!, key);
            case "await":
                await Eventually.TrueAsync(async () => await ValueAsync(map!, key) == Text(step, "expect"), "the entry changes");
                return Text(step, "expect");
            case "put":
                TimeSpan? time = step.TryGetProperty("millis", out JsonElement millis)
                    ? TimeSpan.FromMilliseconds(millis.GetInt32()) : null;
                _versions[key] = await map!.PutAsync(key, value, time, limit);
                return null;
            case "exchange":
                return await ExchangeAsync(map!, step, key, value);
            case "remove":
                return await map!.RemoveAsync(key, null, limit);
            case "scan":
                return await ScanAsync(map!, step);
            default:
                return await WatchAsync(map!, key, Text(step, "then")!);
        }
    }

    private async Task<long> ResumeAsync(RemoteQueue queue, JsonElement step)
    {
        Guid producer = new(Encoding.UTF8.GetBytes(Text(step, "producer")!));
        await using RemoteAppender appender = await queue.ResumeAppenderAsync(producer, limit);
        long next = appender.NextNumber;
        foreach (JsonElement message in step.GetProperty("messages").EnumerateArray())
        {
            await appender.AppendAsync(Encoding.UTF8.GetBytes(message.GetString()!), limit);
        }

        return next;
    }

    private async Task<object> ReadAsync(RemoteQueue queue, JsonElement step)
    {
        SubscribeOptions options = new()
        {
            Cursor = Text(step, "cursor"),
            Schema = Text(step, "schema"),
            Filter = Text(step, "filter"),
            From = step.TryGetProperty("sequence", out JsonElement sequence) ? SubscribeStart.AtSequence(sequence.GetInt64())
                : step.TryGetProperty("time", out JsonElement time) ? SubscribeStart.AtTime(time.GetInt64())
                : null,
        };
        await using MessageSubscription messages = await queue.SubscribeAsync(options, limit);
        List<RemoteMessage> read = await QueueTests.TakeAsync(messages, step.GetProperty("count").GetInt32());
        if (step.TryGetProperty("commit", out JsonElement commit))
        {
            await messages.CommitAsync(read[commit.GetInt32()], limit);
        }

        return read.Select(QueueTests.TextOf).ToArray();
    }

    /// <summary>Joins a group, answers the first messages of its next batch, and leaves.</summary>
    private async Task<object> ConsumeAsync(JsonElement step)
    {
        GroupOptions options = new() { Output = Text(step, "output") };
        await using RemoteGroupMember member = await client.PartitionedQueue(Text(step, "queue")!).JoinGroupAsync(
            Text(step, "cursor")!, options, limit);
        GroupBatch batch = await member.NextAsync(limit);
        string[] read = [.. batch.Messages.Select(QueueTests.TextOf)];
        int count = step.GetProperty("commit").GetInt32();
        ReadOnlyMemory<byte>[] results = options.Output is null ? [] :
            [.. read.Take(count).Select(text => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes($"{batch.Partition} {text}"))];
        Assert.True(await batch.DoneAsync(count, results, limit));
        return read;
    }

    private async Task<bool> ExchangeAsync(RemoteMap map, JsonElement step, string key, byte[] value)
    {
        if (Text(step, "expected") is { } expected)
        {
            return (await map.CompareExchangeAsync(key, Encoding.UTF8.GetBytes(expected), value, null, limit)).IsDone;
        }

        JsonElement version = step.GetProperty("version");
        long known = version.ValueKind == JsonValueKind.Number ? version.GetInt64() : _versions[key];
        return (await map.CompareExchangeAsync(key, known, value, null, limit)).IsDone;
    }

    private async Task<object> ScanAsync(RemoteMap map, JsonElement step)
    {
        List<string> found = [];
        await foreach (KeyedMapEntry entry in map.ScanAsync(Text(step, "prefix")!, Text(step, "after")!, limit))
        {
            found.Add($"{entry.Key}={Encoding.UTF8.GetString(entry.Entry.Value.Span)}");
        }

        return found;
    }

    private async Task<object> WatchAsync(RemoteMap map, string key, string then)
    {
        List<string> seen = [];
        await foreach (MapEntry? entry in map.WatchAsync(key, limit))
        {
            seen.Add(entry is { } present ? Encoding.UTF8.GetString(present.Value.Span) : "");
            if (seen.Count == 2)
            {
                break;
            }

            await map.PutAsync(key, Encoding.UTF8.GetBytes(then), null, limit);
        }

        return seen;
    }

    private async Task<string?> ValueAsync(RemoteMap map, string key) =>
        await map.GetAsync(key, limit) is { } entry ? Encoding.UTF8.GetString(entry.Value.Span) : null;

    private static string? Text(JsonElement step, string member) =>
        step.TryGetProperty(member, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
