using System.Text.Json;
using Estream.Core;
using Estream.Queue;

namespace Estream.Cli.Tests;

/// <summary>Encrypted queues on the command line: reading with a key file, and changing their keys.</summary>
public sealed class QueueKeyCommandTests : IDisposable
{
    private readonly SampleData _data = new();

    public QueueKeyCommandTests()
    {
        _data.Keys = QueueKeyRing.FromFile(Write("keys", "first"));
        _data.AppendReadings(3);
    }

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Messages_of_an_encrypted_queue_need_the_key_file()
    {
        CliResult printed = await _data.RunAsync("tail", "telemetry", "--from", "start", "--key-file", Key("keys"));
        Assert.Equal((ExitCode.Ok, 3), (printed.Code, printed.Lines.Length));
        Assert.Contains("pump-2", printed.Lines[2], StringComparison.Ordinal);
        CliResult refused = await _data.RunAsync("tail", "telemetry", "--from", "start");
        Assert.Equal((ExitCode.Failed, ""), (refused.Code, refused.Output));
        Assert.Contains("--key-file", refused.Error, StringComparison.Ordinal);
        CliResult wrong = await _data.RunAsync("tail", "telemetry", "--key-file", Write("others", "second"));
        Assert.Equal(ExitCode.Failed, wrong.Code);
        Assert.Contains("master key 'first'", wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_works_without_a_key_and_checks_more_with_one()
    {
        Assert.StartsWith("intact: 3 messages", (await _data.RunAsync("queue", "verify", "telemetry")).Output, StringComparison.Ordinal);
        Assert.StartsWith("intact: 3 messages", (await _data.RunAsync("queue", "verify", "telemetry", "--key-file", Key("keys"))).Output,
            StringComparison.Ordinal);
        CliResult wrong = await _data.RunAsync("queue", "verify", "telemetry", "--key-file", Write("others", "second"));
        Assert.Equal(ExitCode.Failed, wrong.Code);
    }

    [Fact]
    public async Task Queue_keys_can_be_rotated_and_wrapped_again()
    {
        CliResult rotated = await _data.RunAsync("queue", "rotate-key", "telemetry", "--key-file", Key("keys"));
        Assert.Equal(
            "key 2 encrypts new messages; encrypted from segment 0 on, current key 2; key 1 wrapped with 'first', key 2 wrapped with "
            + "'first'\n",
            rotated.Output);
        string both = Write("both", "second", "first");
        CliResult wrapped = await _data.RunAsync("queue", "rewrap-keys", "telemetry", "--key-file", both);
        Assert.Equal("2 keys rewrapped; encrypted from segment 0 on, current key 2; key 1 wrapped with 'second', key 2 wrapped with "
            + "'second'\n",
            wrapped.Output);
        Assert.Equal(ExitCode.Failed, (await _data.RunAsync("tail", "telemetry", "--key-file", Key("keys"))).Code);
        Assert.Equal(3, (await _data.RunAsync("tail", "telemetry", "--key-file", Write("new", "second"))).Lines.Length);

        CliResult text = await _data.RunAsync("queue", "info", "telemetry");
        Assert.Contains("encrypted  from segment 0 on, current key 2; key 1 wrapped with 'second', key 2 wrapped with "
            + "'second'", text.Lines);
        using JsonDocument json = JsonDocument.Parse((await _data.RunAsync("queue", "info", "telemetry", "--json")).Output);
        Assert.True(json.RootElement.GetProperty("encrypted").GetBoolean());
        Assert.Equal(2, json.RootElement.GetProperty("currentKey").GetInt32());
        Assert.Equal(["second", "second"],
            json.RootElement.GetProperty("keys").EnumerateArray().Select(k => k.GetProperty("masterKey").GetString()));
    }

    [Fact]
    public async Task An_unencrypted_queue_is_not_changed()
    {
        using SampleData clear = new();
        clear.AppendReadings(1);
        CliResult refused = await clear.RunAsync("queue", "rotate-key", "telemetry", "--key-file", Key("keys"));
        Assert.Equal(ExitCode.Failed, refused.Code);
        Assert.Contains("is not encrypted", refused.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(clear.QueueFolder, "queue.keys")));
        CliResult missing = await clear.RunAsync("queue", "rotate-key", "nothing", "--key-file", Key("keys"));
        Assert.Equal(ExitCode.Failed, missing.Code);
        Assert.False(Directory.Exists(Path.Combine(clear.Folder, "queues", "nothing")));
        Assert.Equal(ExitCode.Failed, (await clear.RunAsync("queue", "rotate-key", "telemetry")).Code);
    }

    private string Key(string name) => Path.Combine(_data.Folder, name);

    // The key bytes derive from the first letter of the id, so that an id has the same key in all files.
    private string Write(string name, params string[] ids)
    {
        string path = Key(name);
        File.WriteAllText(path, string.Concat(ids.Select(id => $"{id} {Convert.ToHexString([.. Enumerable.Repeat((byte)id[0], 32)])}\n")));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }
}
