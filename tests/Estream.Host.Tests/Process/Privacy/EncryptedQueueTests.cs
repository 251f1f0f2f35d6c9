using Estream.Core;
using Estream.Crypto;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: a queue with a key file is encrypted from its first message on, and a key file readable by others stops the
/// host.</summary>
[Collection(LongProcessCollection.Name)]
public sealed class EncryptedQueueTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Device_messages_are_acknowledged_and_stored_encrypted(bool isWrapped)
    {
        using HostFiles files = new();
        string keys = Configure(files, UnixFileMode.UserRead);
        string? privateKey = isWrapped ? Wrap(files, keys) : null;
        using HostProcess host = files.Start().WaitUntilReady();
        await using AcknowledgedLoad load = new(host.MqttPort, "d", devices: 2, maxMessages: 20);
        await load.Completion;
        host.Stop();

        string directory = Path.Combine(files.Data, "queues", "telemetry");
        using QueueKeyRing ring = MasterKeyFile.Read(keys, privateKey);
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(directory, new QueueOptions { Keys = ring });
        using QueueTailer tailer = queue.CreateTailer();
        int messages = 0;
        for (; tailer.TryRead(out QueueMessage message); messages++)
        {
            Assert.False(message.Payload.IsEmpty);
        }

        Assert.Equal(20, messages);
        Assert.Equal(0, queue.GetInfo().Encryption!.FirstSegment);
        Assert.Equal(isWrapped ? "wrapped" : "first", queue.GetInfo().Encryption!.Generations[0].MasterKeyId);
    }

    [Fact]
    public void A_key_file_readable_by_others_is_reported_as_one_error()
    {
        using HostFiles files = new();
        string keys = Configure(files, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        using HostProcess host = files.Start();
        ProcessResult end = host.Process.WaitForExit();
        Assert.Equal(2, end.ExitCode);
        Assert.Contains(keys, Assert.Single(end.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.DoesNotContain("abababab", end.Error, StringComparison.Ordinal);
    }

    // Adds a wrapped master key as the current one, and names its private key in the configuration.
    private static string Wrap(HostFiles files, string keys)
    {
        string privateKey = Path.Combine(Path.GetDirectoryName(files.Config)!, "host.key.pem");
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        MlKem1024KeyFile.WritePrivate(privateKey, key);
        MasterKeyFile.Add(keys, "wrapped", key.PublicKey);
        File.WriteAllText(files.Config, File.ReadAllText(files.Config)
            .Replace("{\"KeyFile\":", $"{{\"PrivateKeyFile\":\"{privateKey}\",\"KeyFile\":", StringComparison.Ordinal));
        return privateKey;
    }

    private static string Configure(HostFiles files, UnixFileMode mode)
    {
        string keys = Path.Combine(Path.GetDirectoryName(files.Config)!, "master.keys");
        File.WriteAllText(keys, $"first {string.Concat(Enumerable.Repeat("ab", QueueKeyRing.KeyBytes))}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(keys, mode);
        }

        File.WriteAllText(files.Config, $$$$$"""
            {"Estream":{
              "Queues":{"telemetry":{"KeyFile":"{{{{{keys}}}}}"}},
              "Maps":{"latest":{"Queue":"telemetry","Schema":"IoTTelemetry","Key":"device_id"}},
              "Adapters":{"devices":{"Type":"mqtt-endpoint",
                "Mappings":[{"Topic":"devices/{device_id}/telemetry","Schema":"IoTTelemetry","Queue":"telemetry"}]}}}}
            """);
        return keys;
    }
}
