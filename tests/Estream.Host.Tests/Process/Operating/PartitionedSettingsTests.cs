using System.Text;
using System.Text.Json;
using Estream.Client;
using Estream.Crypto;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: settings of a partitioned queue have their effect in each partition.</summary>
[Collection(ProcessCollection.Name)]
public sealed class PartitionedSettingsTests : IDisposable
{
    private const int Partitions = 2;
    private const string Text = "a text that nobody else may read";

    private readonly HostFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Each_partition_is_encrypted_and_witnessed()
    {
        Configure();
        using HostProcess host = _files.Start().WaitUntilReady();
        await using (EstreamClient client = await EstreamClient.ConnectAsync(
            new Uri($"unix:{Path.Combine(_files.Data, "run", "client.sock")}")))
        {
            RemotePartitionedQueue trades = client.PartitionedQueue("trades");
            for (int partition = 0; partition < Partitions; partition++)
            {
                Assert.True(await trades.Partition(partition).AppendAsync(Encoding.UTF8.GetBytes(Text)) > 0);
                await using MessageSubscription messages = await trades.Partition(partition).SubscribeAsync();
                await using IAsyncEnumerator<RemoteMessage> each = messages.GetAsyncEnumerator();
                Assert.True(await each.MoveNextAsync());
                Assert.Equal(Text, Encoding.UTF8.GetString(each.Current.Payload.Span));
            }
        }

        Eventually.True(
            () => host.Get("/metrics") is var metrics && Enumerable.Range(0, Partitions).All(partition => metrics.Contains(
                $"estream_witness_attested_total{{queue=\"trades.000{partition}\"}} 1", StringComparison.Ordinal)),
            "the messages of all partitions are attested", ChildProcess.DefaultLimit);
        Assert.Equal(0, host.Stop().ExitCode);
        for (int partition = 0; partition < Partitions; partition++)
        {
            string directory = Path.Combine(_files.Data, "queues", "trades", $"000{partition}");
            using (EstreamQueue queue = EstreamQueue.OpenReadOnly(directory))
            {
                Assert.NotNull(queue.GetInfo().Encryption);
            }

            string[] segments = Directory.GetFiles(directory, "*.seg");
            Assert.NotEmpty(segments);
            Assert.All(segments, segment => Assert.True(
                File.ReadAllBytes(segment).AsSpan().IndexOf(Encoding.UTF8.GetBytes(Text)) < 0, $"{segment} contains the text"));
        }
    }

    private void Configure()
    {
        string folder = Path.GetDirectoryName(_files.Config)!;
        (string master, string witness) = (Path.Combine(folder, "master.keys"), Path.Combine(folder, "witness.key"));
        File.WriteAllText(master, $"first {string.Concat(Enumerable.Repeat("ab", 32))}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(master, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        using (MlDsa87PrivateKey key = MlDsa87PrivateKey.Generate())
        {
            key.Save(witness);
        }

        File.WriteAllText(_files.Config, $$$"""
            {"Estream":{"Client":{},"Queues":{"dead-letters":{"SegmentBytes":131072},
              "trades":{"Partitions":{{{Partitions}}},"SegmentBytes":262144,"KeyFile":{{{JsonSerializer.Serialize(master)}}},
                "Witness":{"KeyFile":{{{JsonSerializer.Serialize(witness)}}} } } } } }
            """);
    }
}
