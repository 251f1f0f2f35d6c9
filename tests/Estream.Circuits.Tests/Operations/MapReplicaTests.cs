using System.Text.Json;
using Estream.Circuits.Operations;
using Estream.Circuits.Operations.Replication;
using Estream.Core;
using Estream.Map;
using Estream.Map.Tests;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Circuits.Tests.Operations;

/// <summary>Replicas of maps: a snapshot and the changes since, across crashes. A directory that is not a replica is left
/// unchanged.</summary>
public sealed class MapReplicaTests : OperationCase
{
    private string Copy => Directory.Combine("copies", "maps", "copy");

    public static TheoryData<bool> Kinds => [true, false];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_map_replica_equals_its_source_after_any_changes(bool hasVersions)
    {
        Random random = new(7);
        for (int round = 0; round < LongRun.Count(12, 300); round++)
        {
            (OperationMap state, OperationResources places) = OpenSource(hasVersions);
            Change(state, random, 40);
            OperationCircuit sync = Own(OperationCircuit.Open(Load("map.sync"), places));
            Do(sync, """{"most":7}""");
            Change(state, random, 20);
            if (round % 3 == 0)
            {
                // Closes everything while some changes are not replicated yet.
                End();
                continue;
            }

            Assert.EndsWith("\"lag_messages\":0,\"lag_bytes\":0}", Do(sync, """{"most":100000}"""), StringComparison.Ordinal);
            List<string> expected = TextsOf(state);
            End();
            Assert.Equal(expected, TextsOf(hasVersions));
        }
    }

    [Fact]
    public void A_replica_of_an_encrypted_map_is_encrypted_and_needs_keys()
    {
        using QueueKeyRing keys = new("k1", new byte[QueueKeyRing.KeyBytes]);
        ByteMapOptions options = new() { Keys = keys };
        using EstreamQueue feed = EstreamQueue.Open(Directory.Combine("feed"), new QueueOptions { Keys = keys });
        using QueueChangeSink sink = new(feed);
        using VersionedByteMap map = VersionedByteMap.Open(Directory.Combine("encrypted"), options with { Changes = sink });
        map.Put("key-of-the-map"u8, "value-of-the-map"u8);
        LocalReplicationEngine without = new(Directory.Combine("copies"));
        Assert.Throws<ArgumentException>("source", () => without.OpenMap("copy", OperationMap.Of(map), feed));
        Assert.False(System.IO.Directory.Exists(Copy));
        LocalReplicationEngine engine = new(Directory.Combine("copies"), keys: keys);
        using (IReplica replica = engine.OpenMap("copy", OperationMap.Of(map), feed))
        {
            replica.Advance(0);
            map.Put("later"u8, "value-of-the-map"u8);
            replica.Advance(100);
        }

        Assert.All(System.IO.Directory.GetFiles(Copy), file =>
            Assert.True(File.ReadAllBytes(file).AsSpan().IndexOf("of-the-map"u8) < 0, file));
        using VersionedByteMap copy = VersionedByteMap.OpenReadOnly(Copy, options);
        Assert.True(copy.TryGet("later"u8, out byte[]? value, out _) && value.AsSpan().SequenceEqual("value-of-the-map"u8));
        Assert.Equal(2, copy.Count);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_interrupted_map_snapshot_is_copied_again(bool hasVersions)
    {
        (OperationMap state, OperationResources places) = OpenSource(hasVersions);
        Put(state, "a", "1");
        using (IReplica replica = places.Replication!.OpenMap("copy", state, places.Queues["changes"]))
        {
            replica.Advance(0);
        }

        // Simulates the state after a crash in the middle of a snapshot.
        SetUserWord(hasVersions, 0, 0x45535245504C0001);
        Put(state, "b", "2");
        string result = Do(Own(OperationCircuit.Open(Load("map.sync"), places)), """{"most":0}""");
        Assert.Contains("\"messages\":2,", result, StringComparison.Ordinal);
        End();
        Assert.Equal(["a=1", "b=2"], TextsOf(hasVersions));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Repeated_changes_leave_a_map_replica_correct(bool hasVersions)
    {
        (OperationMap state, OperationResources places) = OpenSource(hasVersions);
        OperationCircuit sync = Own(OperationCircuit.Open(Load("map.sync"), places));
        Do(sync, """{"most":0}""");
        sync.Dispose();
        long position = UserWord(hasVersions, 2);
        Put(state, "a", "1");
        Put(state, "b", "2");
        Put(state, "a", "2");
        Remove(state, "b");
        sync = Own(OperationCircuit.Open(Load("map.sync"), places));
        Do(sync, """{"most":100}""");
        sync.Dispose();

        // Simulates the state after a crash between the changes and the user word.
        SetUserWord(hasVersions, 2, position);
        Assert.Contains("\"messages\":4,", Do(Own(OperationCircuit.Open(Load("map.sync"), places)), """{"most":100}"""),
            StringComparison.Ordinal);
        End();
        Assert.Equal(["a=2"], TextsOf(hasVersions));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_full_disk_loses_no_change_of_a_map_replica_and_reports_progress(bool hasVersions)
    {
        const int Changes = 2_000;
        FullStorage storage = new();
        (OperationMap state, OperationResources places) = OpenSource(hasVersions);
        places = places with { Replication = new LocalReplicationEngine(Directory.Combine("copies"), Clock) { Storage = storage } };
        OperationCircuit sync = Own(OperationCircuit.Open(Load("map.sync"), places));
        long told = MessagesOf(Do(sync, """{"most":0}"""));
        for (int i = 0; i < Changes; i++)
        {
            Put(state, $"{i}", new string('v', 1_000));
        }

        told += MessagesOf(Do(sync, """{"most":1}"""));
        storage.IsFull = true;
        string result = "";
        for (int step = 0; step < 10 && result != """{"status":"Full"}"""; step++)
        {
            result = Do(sync, """{"most":100000}""");
            told += MessagesOf(result);
        }

        Assert.Equal("""{"status":"Full"}""", result);
        storage.IsFull = false;
        told += MessagesOf(Do(sync, """{"most":100000}"""));
        Assert.Equal(Changes, told);
        sync.Dispose();
        Assert.Equal(TextsOf(state), TextsOf(hasVersions));
    }

    [Fact]
    public void Entries_of_a_map_replica_expire_like_those_of_the_source()
    {
        (OperationMap state, OperationResources places) = OpenSource(hasVersions: true);
        state.Versioned!.Put(Utf8("a"), Utf8("1"), TimeSpan.FromSeconds(10));
        OperationCircuit sync = Own(OperationCircuit.Open(Load("map.sync"), places));
        Do(sync, """{"most":100}""");
        state.Versioned.Put(Utf8("b"), Utf8("1"), TimeSpan.FromSeconds(5));
        state.Versioned.Put(Utf8("c"), Utf8("1"), TimeSpan.FromSeconds(1));
        Clock.Pass(TimeSpan.FromSeconds(2));
        Do(sync, """{"most":100}""");
        sync.Dispose();
        Assert.Equal(["a=1", "b=1"], TextsOf(hasVersions: true));
        Clock.Pass(TimeSpan.FromSeconds(3));
        Assert.Equal(["a=1"], TextsOf(hasVersions: true));
        Clock.Pass(TimeSpan.FromSeconds(5));
        Assert.Empty(TextsOf(hasVersions: true));
    }

    [Fact]
    public void A_map_that_is_not_a_replica_is_refused_and_left_unchanged()
    {
        (OperationMap state, OperationResources places) = OpenSource(hasVersions: true);
        Put(state, "a", "1");
        using (VersionedByteMap strange = VersionedByteMap.Open(Copy, new ByteMapOptions { Clock = Clock }))
        {
            strange.Put(Utf8("x"), Utf8("y"));
        }

        AssertRefused(places, ReplicationFault.NotAReplica, "is not a replica");
        Assert.Equal(["x=y"], TextsOf(hasVersions: true));
    }

    [Fact]
    public void A_map_replica_with_foreign_writes_or_another_feed_is_refused()
    {
        (OperationMap state, OperationResources places) = OpenSource(hasVersions: true);
        Put(state, "a", "1");
        using (OperationCircuit sync = OperationCircuit.Open(Load("map.sync"), places))
        {
            Do(sync, """{"most":0}""");
        }

        OperationResources others = places with { Queues = new Dictionary<string, EstreamQueue> { ["changes"] = Queue("others") } };
        AssertRefused(others, ReplicationFault.NotAReplica, "follows a change feed other than");
        using (VersionedByteMap strange = VersionedByteMap.Open(Copy, new ByteMapOptions { Clock = Clock }))
        {
            strange.Put(Utf8("x"), Utf8("y"));
        }

        AssertRefused(places, ReplicationFault.Diverged, "another program wrote to it");
        Assert.Equal(["a=1", "x=y"], TextsOf(hasVersions: true));
    }

    [Fact]
    public void A_map_replica_whose_next_change_was_reclaimed_is_refused()
    {
        (OperationMap state, OperationResources places) = OpenSource(hasVersions: true);
        using (OperationCircuit sync = OperationCircuit.Open(Load("map.sync"), places))
        {
            Do(sync, """{"most":0}""");
        }

        EstreamQueue changes = places.Queues["changes"];
        for (int i = 0; i < 4_000; i++)
        {
            Put(state, $"{i % 10}", new string('v', 50));
        }

        // The reader of the replica retains the next change until the reader is removed.
        Assert.Equal(0, changes.ApplyRetention(1, TimeSpan.Zero).Segments);
        Assert.True(changes.RemoveTailer("replica-copy"));
        Assert.True(changes.ApplyRetention(1, TimeSpan.Zero).Segments > 0);
        AssertRefused(places, ReplicationFault.Truncated, "which retention has reclaimed");
    }

    private (OperationMap State, OperationResources Resources) OpenSource(bool hasVersions)
    {
        EstreamQueue changes = Queue("changes");
        QueueChangeSink sink = Own(new QueueChangeSink(changes));
        OperationMap state = MapOf(hasVersions, "state", sink);
        return (state,
            With(state) with
            {
                Queues = new Dictionary<string, EstreamQueue> { ["changes"] = changes },
                Replication = new LocalReplicationEngine(Directory.Combine("copies"), Clock),
            });
    }

    private static long MessagesOf(string result)
    {
        using JsonDocument document = JsonDocument.Parse(result);
        return document.RootElement.TryGetProperty("messages", out JsonElement messages) ? messages.GetInt64() : 0;
    }

    private static void Change(OperationMap map, Random random, int count)
    {
        for (int i = 0; i < count; i++)
        {
            string key = $"{random.Next(30)}";
            switch (random.Next(12))
            {
                case < 8:
                    Put(map, key, $"{random.Next()}");
                    break;
                case < 11:
                    Remove(map, key);
                    break;
                default:
                    if (random.Next(8) == 0)
                    {
                        map.Plain?.Clear();
                        map.Versioned?.Clear();
                    }

                    break;
            }
        }
    }

    private static void Put(OperationMap map, string key, string value)
    {
        map.Plain?.Put(Utf8(key), Utf8(value));
        map.Versioned?.Put(Utf8(key), Utf8(value));
    }

    private static void Remove(OperationMap map, string key)
    {
        map.Plain?.Remove(Utf8(key));
        map.Versioned?.Remove(Utf8(key));
    }

    private void AssertRefused(OperationResources places, ReplicationFault fault, string says)
    {
        EstreamReplicationException refused =
            Assert.Throws<EstreamReplicationException>(() => OperationCircuit.Open(Load("map.sync"), places));
        Assert.Equal((fault, Copy), (refused.Fault, refused.Path));
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    private long UserWord(bool hasVersions, int index)
    {
        if (hasVersions)
        {
            using VersionedByteMap versioned = VersionedByteMap.OpenReadOnly(Copy);
            return versioned.UserWord(index);
        }

        using ByteMap plain = ByteMap.OpenReadOnly(Copy);
        return plain.UserWord(index);
    }

    private void SetUserWord(bool hasVersions, int index, long value)
    {
        if (hasVersions)
        {
            using VersionedByteMap versioned = VersionedByteMap.Open(Copy, new ByteMapOptions { Clock = Clock });
            versioned.SetUserWord(index, value);
            return;
        }

        using ByteMap plain = ByteMap.Open(Copy);
        plain.SetUserWord(index, value);
    }

    private List<string> TextsOf(bool hasVersions)
    {
        ByteMapOptions options = new() { Clock = Clock };
        if (hasVersions)
        {
            using VersionedByteMap versioned = VersionedByteMap.OpenReadOnly(Copy, options);
            return TextsOf(versioned);
        }

        using ByteMap plain = ByteMap.OpenReadOnly(Copy, options);
        return TextsOf(plain);
    }

    private static List<string> TextsOf(OperationMap map) => map.Plain is null ? TextsOf(map.Versioned!) : TextsOf(map.Plain);

    private static List<string> TextsOf(ByteMap map)
    {
        List<string> entries = [];
        foreach (ByteMapEntry entry in map)
        {
            entries.Add($"{System.Text.Encoding.UTF8.GetString(entry.Key)}={System.Text.Encoding.UTF8.GetString(entry.Value)}");
        }

        entries.Sort(StringComparer.Ordinal);
        return entries;
    }

    private static List<string> TextsOf(VersionedByteMap map)
    {
        List<string> entries = [];
        foreach (VersionedByteMapEntry entry in map)
        {
            entries.Add($"{System.Text.Encoding.UTF8.GetString(entry.Key)}={System.Text.Encoding.UTF8.GetString(entry.Value)}");
        }

        entries.Sort(StringComparer.Ordinal);
        return entries;
    }
}
