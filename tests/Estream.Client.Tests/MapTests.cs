using System.Text;
using Estream.Client.Tests.Hosting;
using Estream.Testing;

namespace Estream.Client.Tests;

/// <summary>Goal: maps of a real host behave as the embedded map.</summary>
[Collection(HostCollection.Name)]
public sealed class MapTests
{
    private static readonly CancellationToken s_limit = new CancellationTokenSource(TimeSpan.FromMinutes(60)).Token;

    [Fact]
    public async Task Entries_are_stored_exchanged_removed_and_expire()
    {
        await using ClientCase host = new();
        RemoteMap map = (await host.ConnectAsync()).Map(ClientCase.Map);

        Assert.Null(await map.GetAsync("a"));
        long first = await map.PutAsync("a", QueueTests.Bytes("1"));
        Assert.Equal((true, true), (first > 0, (await map.GetAsync("a"))!.Value.Version == first));
        Assert.Equal(new MapChangeResult(false, first), await map.CompareExchangeAsync("a", 0, QueueTests.Bytes("2")));
        MapChangeResult second = await map.CompareExchangeAsync("a", first, QueueTests.Bytes("2"));
        Assert.True(second.IsDone && second.Version > first);
        Assert.False((await map.CompareExchangeAsync("a", QueueTests.Bytes("1"), QueueTests.Bytes("3"))).IsDone);
        Assert.True((await map.CompareExchangeAsync("a", QueueTests.Bytes("2"), QueueTests.Bytes("3"))).IsDone);
        Assert.False(await map.RemoveAsync("a", second.Version));
        Assert.True(await map.RemoveAsync("a"));
        Assert.False(await map.RemoveAsync("a"));

        await map.PutAsync("short", QueueTests.Bytes("x"), TimeSpan.FromMilliseconds(1));
        await Eventually.TrueAsync(async () => await map.GetAsync("short") is null, "the entry expires");
        await map.PutAsync("long", new byte[100_000], TimeSpan.FromHours(1));
        MapEntry entry = (await map.GetAsync("long"))!.Value;
        Assert.Equal(100_000, entry.Value.Length);
        Assert.True(entry.ExpiresAt > 0);
    }

    [Fact]
    public async Task A_map_that_a_power_cut_may_have_torn_is_served_with_HostCrashed_and_degraded_health()
    {
        await using ClientCase host = new();
        Assert.False((await (await host.ConnectAsync()).Map(ClientCase.Map).GetInfoAsync()).HostCrashed);
        _ = host.Host.Stop();
        host.ChangeSettings("\"MaxEntries\": 2000", "\"MaxEntries\": 2000, \"Durability\": \"GroupCommit\"");
        host.Restart();
        _ = await (await host.ConnectAsync()).Map(ClientCase.Map).PutAsync("a", QueueTests.Bytes("1"));
        _ = host.Host.Stop();
        MarkAsCrashed(Path.Combine(host.Data, "maps", ClientCase.Map, "bytes.meta"));

        host.RestartDegraded();

        RemoteMap torn = (await host.ConnectAsync()).Map(ClientCase.Map);
        Assert.Equal("1", Encoding.UTF8.GetString((await torn.GetAsync("a"))!.Value.Value.Span));
        Assert.True((await torn.GetInfoAsync()).HostCrashed);
        Assert.Contains("\"maps\":[{\"name\":\"settings\",\"detail\":", host.Host.HealthText, StringComparison.Ordinal);

        _ = host.Host.Stop();
        string directory = Path.Combine(host.Data, "maps", ClientCase.Map);
        using (ChildProcess confirm = ChildProcess.StartDotnet(BuiltProgram.Cli, ["map", "confirm", directory]))
        {
            Assert.Equal($"{directory}: 1 entries confirmed\n", confirm.WaitForExit().Output);
        }

        host.Restart();
        RemoteMap confirmed = (await host.ConnectAsync()).Map(ClientCase.Map);
        Assert.False((await confirmed.GetInfoAsync()).HostCrashed);
        Assert.Equal("1", Encoding.UTF8.GetString((await confirmed.GetAsync("a"))!.Value.Value.Span));
    }

    [Fact]
    public async Task With_GroupCommit_changes_of_many_clients_are_made_in_the_order_of_each_client()
    {
        await using ClientCase host = new();
        _ = host.Host.Stop();
        host.ChangeSettings("\"MaxEntries\": 2000", "\"MaxEntries\": 2000, \"Durability\": \"GroupCommit\"");
        host.Restart();
        RemoteMap[] clients = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => (await host.ConnectAsync()).Map(ClientCase.Map)));

        await Task.WhenAll(clients.Select(async (map, client) =>
        {
            for (int round = 0; round < 10; round++)
            {
                // Sent without waiting: the host reads several of them at once, also while it flushes.
                Task<long>[] puts =
                    [.. Enumerable.Range(0, 10).Select(i => map.PutAsync($"{client}", QueueTests.Bytes($"{i}")).AsTask())];
                long[] versions = await Task.WhenAll(puts);
                Assert.Equal(versions.Order(), versions);
                Assert.True((await map.CompareExchangeAsync($"{client}", versions[^1], QueueTests.Bytes("x"))).IsDone);
                Assert.True(await map.RemoveAsync($"{client}"));
            }
        }));

        Assert.Null(await clients[0].GetAsync("0"));
    }

    [Fact]
    public async Task A_map_with_a_key_file_is_encrypted_and_survives_a_crash_of_the_host()
    {
        await using ClientCase host = new(isEncrypted: true);
        RemoteMap map = (await host.ConnectAsync()).Map(ClientCase.Map);
        await map.PutAsync("patient-4711", QueueTests.Bytes("diagnosis-of-4711"));
        host.Host.Kill();
        string[] files = Directory.GetFiles(Path.Combine(host.Data, "maps", ClientCase.Map));
        Assert.Contains(files, file => Path.GetFileName(file) == "map.keys");
        Assert.All(files, file =>
        {
            ReadOnlySpan<byte> content = File.ReadAllBytes(file);
            Assert.True(content.IndexOf("patient-"u8) < 0 && content.IndexOf("diagnosis-"u8) < 0, file);
        });

        host.Restart();
        MapEntry entry = (await (await host.ConnectAsync()).Map(ClientCase.Map).GetAsync("patient-4711"))!.Value;
        Assert.Equal("diagnosis-of-4711", Encoding.UTF8.GetString(entry.Value.Span));
    }

    [Fact]
    public async Task A_scan_returns_the_keys_of_a_prefix_in_order_over_several_pages()
    {
        await using ClientCase host = new();
        RemoteMap map = (await host.ConnectAsync()).Map(ClientCase.Map);
        for (int i = 0; i < 1300; i++)
        {
            await map.PutAsync($"device/{i:0000}", QueueTests.Bytes($"{i}"));
        }

        await map.PutAsync("other", QueueTests.Bytes("x"));
        List<string> keys = [];
        await foreach (KeyedMapEntry found in map.ScanAsync("device/", cancellation: s_limit))
        {
            keys.Add(found.Key.ToString());
            Assert.Equal(int.Parse(keys[^1][^4..], System.Globalization.CultureInfo.InvariantCulture),
                int.Parse(Encoding.UTF8.GetString(found.Entry.Value.Span), System.Globalization.CultureInfo.InvariantCulture));
        }

        Assert.Equal(Enumerable.Range(0, 1300).Select(i => $"device/{i:0000}"), keys);
        keys.Clear();
        await foreach (KeyedMapEntry found in map.ScanAsync("device/", "device/1297", s_limit))
        {
            keys.Add(found.Key.ToString());
        }

        Assert.Equal(["device/1298", "device/1299"], keys);
    }

    [Fact]
    public async Task A_watch_returns_changes_and_continues_after_a_restart_of_the_host()
    {
        await using ClientCase host = new();
        RemoteMap map = (await host.ConnectAsync()).Map(ClientCase.Map);
        await using IAsyncEnumerator<MapEntry?> watch = map.WatchAsync("a", s_limit).GetAsyncEnumerator(s_limit);

        Assert.True(await watch.MoveNextAsync());
        Assert.Null(watch.Current);
        await map.PutAsync("a", QueueTests.Bytes("1"));
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal("1", Encoding.UTF8.GetString(watch.Current!.Value.Value.Span));

        host.Host.Kill();
        host.Restart();
        await map.PutAsync("a", QueueTests.Bytes("2"));
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal("2", Encoding.UTF8.GetString(watch.Current!.Value.Value.Span));
        await map.RemoveAsync("a");
        Assert.True(await watch.MoveNextAsync());
        Assert.Null(watch.Current);
    }

    [Fact]
    public async Task A_full_map_refuses_new_keys_and_accepts_changes_of_known_keys()
    {
        await using ClientCase host = new();
        RemoteMap map = (await host.ConnectAsync()).Map(ClientCase.Map);
        for (int i = 0; i < 2000; i++)
        {
            await map.PutAsync($"{i}", QueueTests.Bytes("x"));
        }

        Assert.Equal(ClientStatus.LimitExceeded, await QueueTests.StatusOf(() => map.PutAsync("new", QueueTests.Bytes("x")).AsTask()));
        await map.PutAsync("1", QueueTests.Bytes("y"));
    }

    /// <summary>Stores what a writer stores when it opens a map after the machine has stopped (docs/formats/bytemap.md).</summary>
    private static void MarkAsCrashed(string meta)
    {
        using FileStream file = new(meta, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.Position = 600;
        file.WriteByte(1);
    }
}
