using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Marketplace.Trust.Log;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Trust.Log;

/// <summary>The log as a directory (C2SP tlog-tiles), and its state after a crash.</summary>
public sealed class TransparencyLogTests
{
    private static readonly CancellationToken s_none = CancellationToken.None;

    [Fact]
    public async Task Log_of_70000_entries_has_the_files_of_the_specification()
    {
        using LogRig rig = new();
        using TransparencyLog log = rig.Open();
        Checkpoint checkpoint = rig.Grow(log, 70_000);
        Assert.Equal(70_000, checkpoint.Size);

        // Expected by tlog-tiles: on level 0, 273 full tiles and a tile of 112 hashes; on level 1, a full tile and a tile of 17 hashes; on
        // level 2, a tile of one hash.
        string[] files = [.. Directory.EnumerateFiles(rig.Directory, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(rig.Directory, path))];
        Assert.Equal(273,
            files.Count(path => path.StartsWith("tile/0/", StringComparison.Ordinal) && !path.Contains(".p/", StringComparison.Ordinal)));
        Assert.Equal(273,
            files.Count(path =>
                path.StartsWith("tile/entries/", StringComparison.Ordinal) && !path.Contains(".p/", StringComparison.Ordinal)));
        Assert.All(
            ["tile/0/272", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1", "tile/entries/273.p/112", "checkpoint"],
            (string path) => Assert.Contains(path, files));
        byte[][] leaves = [.. Enumerable.Range(0, 70_000).Select(number => ReferenceTree.Leaf(LogRig.Entry(number)))];
        Assert.Equal(ReferenceTree.Root(leaves), checkpoint.Root.ToArray());
        LoggedEntry entry = await rig.Client.ReadEntryAsync(checkpoint, 69_999, s_none);
        Assert.Equal(LogRig.Entry(69_999), entry.Content.ToArray());
    }

    [Fact]
    public void Log_paths_match_the_specification()
    {
        Assert.Equal("tile/0/x001/x234/067", LogPaths.Tile(0, 1_234_067, 256));
        Assert.Equal("tile/3/000.p/1", LogPaths.Tile(3, 0, 1));
        Assert.Equal("tile/entries/x001/000.p/255", LogPaths.Entries(1000, 255));
        Assert.Throws<ArgumentOutOfRangeException>(() => LogPaths.Tile(8, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => LogPaths.Tile(0, 0, 257));
        Assert.Throws<ArgumentOutOfRangeException>(() => LogPaths.Entries(0, 0));
    }

    [Fact]
    public async Task Every_log_size_has_its_root_and_every_entry_its_proof()
    {
        using LogRig rig = new();
        using TransparencyLog log = rig.Open();
        byte[][] leaves = [.. Enumerable.Range(0, 600).Select(number => ReferenceTree.Leaf(LogRig.Entry(number)))];
        Checkpoint? before = null;
        foreach (int size in new[] { 1, 2, 3, 7, 8, 255, 256, 257, 300, 511, 512, 513, 600 })
        {
            Checkpoint now = rig.Grow(log, size);
            Assert.Equal(ReferenceTree.Root(leaves.AsSpan(0, size)), now.Root.ToArray());
            LogClient client = rig.Client;
            foreach (int index in new[] { 0, 1, size / 2, size - 2, size - 1 }.Where(index => index >= 0 && index < size).Distinct())
            {
                LoggedEntry entry = await client.ReadEntryAsync(now, index, s_none);
                Assert.Equal(LogRig.Entry(index), entry.Content.ToArray());
                Assert.Equal(ReferenceTree.Path(index, leaves.AsSpan(0, size)).SelectMany(hash => hash), entry.Path.ToArray());
            }

            if (before is not null)
            {
                byte[] proof = await client.ProveConsistencyAsync(before, now, s_none);
                Assert.Equal(ReferenceTree.Consistency((int)before.Size, leaves.AsSpan(0, size)).SelectMany(hash => hash), proof);

                // Earlier checkpoints stay provable, although their partial tiles may be deleted.
                Assert.Equal(LogRig.Entry(before.Size - 1),
                    (await client.ReadEntryAsync(before, before.Size - 1, s_none)).Content.ToArray());
            }

            before = now;
        }
    }

    [Fact]
    public async Task Proof_fetches_only_the_tiles_it_needs()
    {
        using LogRig rig = new();
        using TransparencyLog log = rig.Open();
        Checkpoint checkpoint = rig.Grow(log, 70_000);
        RecordingSource source = new(new DirectoryFileSource(rig.Directory));
        LogClient client = new(source);
        await client.ReadEntryAsync(checkpoint, 300, s_none);

        // Fetches the entry bundle, the tile of the leaf, the tile above that tile, and the right edge of the tree of 70,000 leaves: a
        // partial tile on level 0 and on level 1.
        Assert.Equal(["tile/0/001", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/entries/001"],
            source.Paths.Order(StringComparer.Ordinal));
        await client.ReadEntryAsync(checkpoint, 301, s_none);
        Assert.Equal(6, source.Paths.Count);
    }

    [Theory]
    [InlineData("tile/0/000", 40)]
    [InlineData("tile/0/001.p/44", 40)]
    [InlineData("tile/entries/000", 5)]
    public async Task Changed_tile_or_bundle_is_detected(string path, int at)
    {
        using LogRig rig = new();
        using TransparencyLog log = rig.Open();
        Checkpoint checkpoint = rig.Grow(log, 300);
        RecordingSource source = new(new DirectoryFileSource(rig.Directory))
        {
            Change = (asked, content) =>
            {
                if (asked == path)
                {
                    content![at] ^= 1;
                }

                return content;
            },
        };
        EstreamLogException error =
            await Assert.ThrowsAsync<EstreamLogException>(() => new LogClient(source).ReadEntryAsync(checkpoint, 0, s_none).AsTask());
        Assert.Equal(LogFault.Contradiction, error.Fault);
        await Assert.ThrowsAsync<EstreamLogException>(() => new LogClient(source).ReadEntriesAsync(checkpoint, 0, s_none).AsTask());
    }

    [Fact]
    public async Task Missing_and_malformed_log_files_are_distinguished()
    {
        using LogRig rig = new();
        using TransparencyLog log = rig.Open();
        Checkpoint checkpoint = rig.Grow(log, 300);
        (string Path, byte[]? Content, LogFault Fault)[] cases =
        [
            ("tile/0/000", null, LogFault.Missing),
            ("tile/0/000", new byte[8191], LogFault.Malformed),
            ("tile/entries/000", null, LogFault.Missing),
            ("tile/entries/000", [0, 9, 1], LogFault.Malformed),
        ];
        foreach ((string path, byte[]? content, LogFault fault) in cases)
        {
            RecordingSource source = new(new DirectoryFileSource(rig.Directory))
            {
                Change = (asked, served) => asked == path ? content : served,
            };
            EstreamLogException error =
                await Assert.ThrowsAsync<EstreamLogException>(() => new LogClient(source).ReadEntryAsync(checkpoint, 3, s_none).AsTask());
            Assert.Equal((path, fault), (error.Path, error.Fault));
        }

        foreach ((string path, int bytes) in new[] { ("tile/0/000", 8193), ("tile/entries/000", EntryBundle.MaxBytes + 1) })
        {
            RecordingSource source = new(new DirectoryFileSource(rig.Directory))
            {
                Change = (asked, served) => asked == path ? new byte[bytes] : served,
            };
            await Assert.ThrowsAsync<EstreamContentException>(() => new LogClient(source).ReadEntryAsync(checkpoint, 3, s_none).AsTask());
        }
    }

    [Fact]
    public async Task Directory_source_reads_a_file_only_up_to_its_limit()
    {
        using TempDirectory folder = new();
        await File.WriteAllBytesAsync(folder.Combine("checkpoint"), new byte[100_000]);
        DirectoryFileSource source = new(folder.Path);
        Assert.Equal(100_000, (await source.ReadAsync("checkpoint", 100_000, s_none))!.Length);
        await Assert.ThrowsAsync<EstreamContentException>(() => source.ReadAsync("checkpoint", 99_999, s_none).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => source.ReadAsync("../checkpoint", 99_999, s_none).AsTask());
        Assert.Null(await source.ReadAsync("tile/0/000", 10, s_none));
    }

    [Fact]
    public async Task Log_that_shrinks_or_rewrites_history_is_detected()
    {
        using LogRig rig = new(), other = new();
        using TransparencyLog log = rig.Open(), liar = other.Open();
        Checkpoint known = rig.Grow(log, 300);
        liar.Append("another first entry"u8);
        other.Grow(liar, 299);
        EstreamLogException shrunk =
            await Assert.ThrowsAsync<EstreamLogException>(() => other.Client.ReadCheckpointAsync(rig.Policy, known, s_none).AsTask());
        Assert.Equal(LogFault.Rewritten, shrunk.Fault);
        other.Grow(liar, 301);
        EstreamLogException rewritten =
            await Assert.ThrowsAsync<EstreamLogException>(() => other.Client.ReadCheckpointAsync(rig.Policy, known, s_none).AsTask());
        Assert.Equal(LogFault.Rewritten, rewritten.Fault);
        rig.Grow(log, 301);
        Assert.Equal(301, (await rig.Client.ReadCheckpointAsync(rig.Policy, known, s_none)).Checkpoint!.Size);
    }

    [Fact]
    public async Task Log_client_rejects_a_checkpoint_of_unknown_keys()
    {
        using LogRig rig = new();
        using TransparencyLog log = rig.Open();
        rig.Grow(log, 3);
        LogPolicy stranger = new(LogRig.Origin, [rig.Witness(LogRig.Origin, 77).Key], [], 0);
        EstreamLogException error =
            await Assert.ThrowsAsync<EstreamLogException>(() => rig.Client.ReadCheckpointAsync(stranger, null, s_none).AsTask());
        Assert.Equal(LogFault.Checkpoint, error.Fault);
    }

    [Fact]
    public void Reopened_log_continues_the_same_history()
    {
        using LogRig rig = new();
        Checkpoint before;
        using (TransparencyLog log = rig.Open())
        {
            before = rig.Grow(log, 259);
            log.Append("never signed"u8);
        }

        using TransparencyLog again = rig.Open();
        Assert.Equal(259, again.Size);
        rig.Clock.Pass(TimeSpan.FromMinutes(1));
        SignedNote renewed = again.Sign();
        CheckpointVerdict verdict = rig.Policy.Verify(renewed.Encode());
        Assert.True(verdict.Checkpoint!.Says(before));
        Assert.Equal(rig.Clock.Now.ToUnixTimeSeconds(), verdict.Time);
    }

    [Fact]
    public void One_process_at_a_time_writes_a_log()
    {
        using LogRig rig = new();
        using TransparencyLog log = rig.Open();
        Assert.Throws<EstreamLeaseException>(() => rig.Open());
    }

    [Fact]
    public void Opening_a_log_whose_files_contradict_its_checkpoint_throws()
    {
        using LogRig rig = new();
        using (TransparencyLog log = rig.Open())
        {
            rig.Grow(log, 5);
        }

        foreach (string name in new[] { "tile/0/000.p/5", "tile/entries/000.p/5", "checkpoint.signed" })
        {
            string path = Path.Combine(rig.Directory, name);
            byte[] whole = File.ReadAllBytes(path), damaged = [.. whole];
            damaged[^5] ^= 4;
            File.WriteAllBytes(path, damaged);
            Assert.Throws<EstreamCorruptionException>(() => rig.Open());
            File.Delete(path);
            Assert.Throws<EstreamCorruptionException>(() => rig.Open());
            File.WriteAllBytes(path, whole);
        }

        rig.Open().Dispose();
    }

    [Fact]
    public async Task Log_crashed_at_any_storage_call_continues_the_same_history()
    {
        for (int dieAt = 1; ; dieAt++)
        {
            using LogRig rig = new();
            Checkpoint first;
            using (TransparencyLog log = rig.Open())
            {
                first = rig.Grow(log, 254);
            }

            CrashingStorage dying = new(dieAt);
            List<Checkpoint> given = [first];
            Die(rig, dying, given);

            // Unsigned entries of the crashed writer are lost, so the next entries may be different.
            using TransparencyLog again = rig.Open();
            Assert.True(again.Size >= given[^1].Size, $"killed at call {dieAt}");
            again.Append("other entries this time"u8);
            SignedNote note = again.Sign();
            again.Publish();
            Checkpoint now = rig.Policy.Verify(note.Encode()).Checkpoint!;
            foreach (Checkpoint earlier in given)
            {
                await rig.Client.ProveConsistencyAsync(earlier, now, s_none);
                Assert.Equal(LogRig.Entry(earlier.Size - 1),
                    (await rig.Client.ReadEntryAsync(earlier, earlier.Size - 1, s_none)).Content.ToArray());
            }

            if (dying.Survived)
            {
                Assert.True(dieAt > 60, "too few calls to have been killed amid");
                return;
            }
        }
    }

    // Extends the log in three steps across a tile boundary, until the storage crashes, and records the checkpoints that were signed and
    // published.
    private static void Die(LogRig rig, CrashingStorage storage, List<Checkpoint> given)
    {
        TransparencyLog? log = null;
        try
        {
            log = rig.Open(storage);
            foreach (long size in new[] { 255L, 257, 258 })
            {
                given.Add(rig.Grow(log, size));
            }
        }
        catch (EstreamStorageException)
        {
            // Expected: the storage crashed. Disposing the log then only releases its lock, as a dead process does.
        }

        log?.Dispose();
    }
}
