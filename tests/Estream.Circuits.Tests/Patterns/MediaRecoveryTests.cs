using System.Globalization;
using System.Text;
using Estream.Circuits.TestProcess;
using Estream.Core;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams;
using Estream.Streams.Media;
using Estream.Streams.Pipelines;
using Estream.Testing;
using Estream.Witness.Tests.Support;

namespace Estream.Circuits.Tests.Patterns;

/// <summary>A circuit with <c>stream_pattern: media</c> publishes each object once, with exactly the bytes of its pieces, after restarts
/// and crashes.</summary>
public sealed class MediaRecoveryTests : MediaCase
{
    private const int LongestMs = 150;

    private readonly HookedStorage _storage = new();

    /// <summary>The records of a step are stored before its batch. If the batch is not published, a restart must return to the state before
    /// the step.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_full_queue_is_retried_and_a_restart_repeats_the_step(bool isRestarted)
    {
        byte[] content = Content(5, 150_000);
        byte[][] pieces = [.. content.Chunk(40_000)];
        using (FullQueue queues = new(Resources, Directory.Combine("full"), _storage))
        {
            using RunningPipeline running = Assert.Single(s_circuit.Pipelines).Open(queues);
            Append("film", 0, pieces[0]);
            running.Results.RunToEnd();
            _storage.OnCreateRegion = path => throw new EstreamStorageException("the disk is full", path, StorageFailure.DiskFull);
            queues.Fill();
            Append("film", 1, pieces[1]);
            Append("film", 2, pieces[2]);
            Append("film", 3, pieces[3], isLast: true);
            Append("next", 0, [7], isLast: true);
            Assert.Throws<EstreamStorageException>(() => running.Results.RunToEnd());
            Assert.Throws<EstreamStorageException>(() => running.Results.RunToEnd());
            Assert.Empty(Objects(queues.Queue("films")));
            if (!isRestarted)
            {
                _storage.OnCreateRegion = null;
                running.Results.RunToEnd();
                RequireFilms(queues);
                return;
            }
        }

        _storage.OnCreateRegion = null;
        Reopen();
        using FullQueue again = new(Resources, Directory.Combine("full"), _storage);
        using RunningPipeline restarted = Assert.Single(s_circuit.Pipelines).Open(again);
        restarted.Results.RunToEnd();
        RequireFilms(again);

        void RequireFilms(FullQueue queues)
        {
            List<EsfMediaObject> films = Objects(queues.Queue("films"));
            Assert.Equal(["film", "next"], films.Select(film => film.Name));
            Assert.Equal(content, Read(films[0]));
            Assert.Equal(4, Resources.Chunks("films").Count);
        }
    }

    /// <summary>Simulates a crash between the batch and the removal of the records of its objects.</summary>
    [Fact]
    public void Records_of_published_objects_are_removed_by_the_next_start()
    {
        Append("film", 0, Content(6, 70_000));
        Append("gap", 0, [1]);
        Run(s_circuit);
        List<(byte[] Key, byte[] Value)> records = [];
        ByteMap store = Resources.Chunks("films");
        Append("film", 1, [1], isLast: true);
        Append("gap", 5, [1]);
        using (RunningPipeline running = Assert.Single(s_circuit.Pipelines).Open(Resources))
        {
            records.AddRange(ProgressRecords(store));
            running.Results.RunToEnd();
        }

        // Before the batch, the step stored these states with the position of the batch.
        long end;
        using (QueueTailer tailer = Resources.Queue("in").CreateTailer())
        {
            tailer.SeekToEnd();
            end = tailer.Position;
        }

        foreach ((byte[] key, byte[] value) in records)
        {
            MediaProgressRecord.View old = MediaProgressRecord.View.Of(value);
            byte[] changed = new byte[value.Length];
            MediaProgressRecord.Writer writer = MediaProgressRecord.Write(changed);
            writer.SetObject(old.Object);
            writer.Owner = old.Owner;
            writer.State = Encoding.UTF8.GetString(old.Name) == "film" ? MediaProgressState.Complete : MediaProgressState.Abandoned;
            writer.Position = end;
            writer.SetName(old.Name);
            writer.SetMediaType(old.MediaType);
            writer.ChunkBytes = old.ChunkBytes;
            writer.Pieces = old.Pieces;
            writer.TotalBytes = old.TotalBytes;
            writer.SetTail(default);
            store.Put(key, changed.AsSpan(0, writer.Length));
        }

        Assert.Equal(2, records.Count);
        Reopen();
        Append("film", 0, [2], isLast: true);
        Run(s_circuit);
        Assert.Equal([70_001L, 1L], Objects().Select(media => media.Length));
        Assert.Equal(70_001, Read(Objects()[0]).Length);
        Assert.Equal(2 + 1, Resources.Chunks("films").Count);
        Assert.Single(Abandoned());
    }

    [Fact]
    public void Unfinished_objects_of_another_circuit_are_removed()
    {
        Append("old", 0, Content(7, 70_000));
        Append("whole", 0, [1], isLast: true);
        Run(s_circuit);
        Append("old", 1, [1]);
        Run(s_circuit);
        Reopen();
        Run(DeclareMedia(Rest, "acme.other.v1"));
        Assert.Equal("whole", Assert.Single(Objects()).Name);
        Assert.Equal(1, Resources.Chunks("films").Count);
    }

    /// <summary>A start looks for records in a fixed number of slots, not in the whole store.</summary>
    [Fact]
    public void Records_use_the_slots_of_ended_objects_again()
    {
        Append("film", 0, [1]);
        byte[] message = LastMessage("in");
        using (QueueAppender appender = Resources.Queue("in").CreateAppender())
        {
            for (int film = 0; film < 2_500; film++)
            {
                appender.Append(message);
            }
        }

        Run(s_circuit);
        Assert.Equal(2_500, Abandoned().Count);
        Assert.Equal(3, Assert.Single(ProgressRecords(Resources.Chunks("films"))).Key.Length);
        Reopen();
        Append("film", 1, [2], isLast: true);
        Run(s_circuit);
        Assert.Equal(2, Assert.Single(Objects()).Length);
    }

    [Fact]
    public void A_damaged_unfinished_object_is_abandoned()
    {
        Append("film", 0, Content(8, 70_000));
        Run(s_circuit);
        ByteMap store = Resources.Chunks("films");
        byte[] chunk = [];
        foreach (ByteMapEntry entry in store)
        {
            chunk = entry.Value.Length == ChunkBytes ? entry.Key.ToArray() : chunk;
        }

        Assert.True(store.Remove(chunk));
        Append("film", 1, [1], isLast: true);
        Run(s_circuit);
        Assert.Empty(Objects());
        Assert.Equal([("film", 1L, "a power cut may have lost a part of the object")], Abandoned());
        Assert.Equal(0, store.Count);
    }

    /// <summary>Simulates a crash of the machine: the store is marked, and the record is of an earlier run of the machine.</summary>
    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Unfinished_objects_are_abandoned_after_a_crash_of_the_machine(bool isOfEarlierRun, bool isMarked)
    {
        Append("film", 0, [1]);
        Run(s_circuit);
        if (isOfEarlierRun)
        {
            ByteMap store = Resources.Chunks("films");
            (byte[] key, byte[] record) = Assert.Single(ProgressRecords(store));
            int run = record.AsSpan().IndexOf(BitConverter.GetBytes(MediaProgressRecord.View.Of(record).Run));
            record[run] ^= 1;
            store.Put(key, record);
        }

        Reopen();
        if (isMarked)
        {
            MarkCrashed("films");
        }

        Append("film", 1, [2], isLast: true);
        Run(s_circuit);
        bool isAbandoned = isOfEarlierRun && isMarked;
        Assert.Equal(isAbandoned ? [] : [2L], Objects().Select(media => media.Length));
        Assert.Equal(isAbandoned ? ["a power cut may have lost a part of the object"] : [], Abandoned().Select(one => one.Reason));
    }

    /// <summary>Simulates that a power cut lost batches of the queue of objects, but not the records stored before them.</summary>
    [Fact]
    public void An_object_whose_states_are_both_newer_than_the_queue_is_abandoned()
    {
        Append("film", 0, [1]);
        Run(s_circuit);
        ByteMap store = Resources.Chunks("films");
        (byte[] key, byte[] value) = Assert.Single(ProgressRecords(store));
        MediaProgressRecord.View old = MediaProgressRecord.View.Of(value);
        byte[] changed = new byte[value.Length];
        MediaProgressRecord.Writer writer = MediaProgressRecord.Write(changed);
        writer.SetObject(old.Object);
        writer.Owner = old.Owner;
        writer.Position = old.Position + 2_000;
        writer.SetName(old.Name);
        writer.SetMediaType(old.MediaType);
        writer.ChunkBytes = old.ChunkBytes;
        writer.Pieces = 1;
        writer.TotalBytes = 1;
        writer.EarlierPieces = 1;
        writer.EarlierBytes = 1;
        writer.EarlierPosition = old.Position + 1_000;
        writer.Run = old.Run;
        writer.SetTail(old.Tail);
        store.Put(key, changed.AsSpan(0, writer.Length));
        Append("film", 1, [2], isLast: true);
        Run(s_circuit);
        Assert.Empty(Objects());
        Assert.Equal([("film", 1L, "a power cut may have lost a part of the object")], Abandoned());
    }

    /// <summary>A quorum has the manifests, but not the chunks.</summary>
    [Fact]
    public void Manifests_are_flushed_before_their_records_are_removed_if_the_queue_waits_for_a_quorum()
    {
        using FullQueue queues = new(Resources, Directory.Combine("full"), _storage, Durability.Quorum);
        using QueueQuorum quorum = queues.Queue("films").OpenQuorum();
        quorum.AdvanceTo(1 << 20);
        Append("film", 0, [1], isLast: true);
        using RunningPipeline running = Assert.Single(s_circuit.Pipelines).Open(queues);
        running.Results.RunToEnd();
        Assert.Single(Objects(queues.Queue("films")));
        Assert.True(queues.Queue("films").DurablePosition > 0);
    }

    /// <summary>Random pieces, steps and restarts, compared with a model.</summary>
    [Fact]
    public void Objects_have_exactly_the_bytes_of_their_pieces_for_random_pieces_and_restarts()
    {
        Random random = new(33);
        Dictionary<string, List<byte[]>> open = [];
        List<(string Name, byte[] Content)> expected = [];
        int abandoned = 0;
        for (int step = 0; step < LongRun.Count(60, 600); step++)
        {
            for (int count = random.Next(12); count > 0; count--)
            {
                string name = $"film {random.Next(5)}";
                byte[] data = Content(random.Next(), random.Next(3) == 0 ? random.Next(90_000) : random.Next(300));
                bool isLast = random.Next(6) == 0;
                int next = open.TryGetValue(name, out List<byte[]>? pieces) ? pieces.Count : 0;
                int piece = random.Next(10) switch { 0 => next + 1, 1 => Math.Max(0, next - 1), _ => next };
                Append(name, piece, data, isLast);
                if (piece == 0)
                {
                    abandoned += open.Remove(name) ? 1 : 0;
                    open[name] = pieces = [];
                }
                else if (pieces is null || piece < next)
                {
                    continue;
                }
                else if (piece > next)
                {
                    abandoned++;
                    open.Remove(name);
                    continue;
                }

                pieces.Add(data);
                if (isLast)
                {
                    expected.Add((name, [.. pieces.SelectMany(bytes => bytes)]));
                    open.Remove(name);
                }
            }

            if (random.Next(4) == 0)
            {
                Reopen();
            }

            Run(s_circuit);
        }

        List<EsfMediaObject> objects = Objects();
        Assert.Equal(expected.Select(one => one.Name), objects.Select(media => media.Name));
        Assert.All(objects.Zip(expected), pair => Assert.Equal(pair.Second.Content, Read(pair.First)));
        Assert.Equal(abandoned, Abandoned().Count);
        long chunks = expected.Sum(one => (one.Content.Length + ChunkBytes - 1) / ChunkBytes);
        Assert.Equal(chunks + open.Values.Sum(pieces => 1 + (pieces.Sum(bytes => bytes.Length) / ChunkBytes)),
            Resources.Chunks("films").Count);
    }

    [Fact]
    public void After_a_crash_each_object_is_visible_once_with_exactly_the_bytes_of_its_pieces()
    {
        using TempDirectory directory = new();
        string program = BuiltProgram.Find("tests/Estream.Circuits.TestProcess", "Estream.Circuits.TestProcess.dll");
        Random random = new(33);
        for (int kill = 0; kill < LongRun.Count(8, 60); kill++)
        {
            using (ChildProcess child = ChildProcess.StartDotnet(program, ["media", directory.Path]))
            {
                child.WaitForText(kill % 4 == 3 ? "running" : "under way");
                Thread.Sleep(random.Next(LongestMs));
                child.Kill();
                Assert.True(child.Error.Length == 0, child.Error);
            }

            using MediaWork work = new(directory.Path);
            using (RunningPipeline running = work.Open())
            {
                running.Results.RunToEnd();
            }

            RequireWhole(work);
        }
    }

    private static void RequireWhole(MediaWork work)
    {
        ByteMap store = work.Chunks("films");
        List<EsfMediaObject> objects = Objects(work.Queue("films"));
        long messages = work.Queue("pieces").GetInfo().NextSequence;
        long entries = 0;
        for (int lane = 0; lane < MediaWork.Lanes; lane++)
        {
            EsfMediaObject[] films = [.. objects.Where(film => film.Name == lane.ToString(CultureInfo.InvariantCulture))];
            long pieces = (messages - lane + MediaWork.Lanes - 1) / MediaWork.Lanes;
            Assert.Equal(pieces / MediaWork.Pieces, films.Length);
            for (int film = 0; film < films.Length; film++)
            {
                Assert.Equal(Pieces(lane, film, MediaWork.Pieces), Read(films[film], store));
            }

            int unfinished = (int)(pieces % MediaWork.Pieces);
            entries += films.Sum(film => (film.Length + ChunkBytes - 1) / ChunkBytes)
                + (unfinished == 0 ? 0 : 1 + (Pieces(lane, films.Length, unfinished).Length / ChunkBytes));
        }

        Assert.Equal(entries, store.Count);
    }

    private static byte[] Pieces(int lane, long film, int count) => [.. Enumerable.Range(0, count)
        .SelectMany(piece => MediaWork.DataOf(MediaWork.NumberOf(lane, film, piece)))];

    // Sets ByteMap.HostCrashed in the file of a closed store.
    private void MarkCrashed(string queue)
    {
        const int HostCrashed = 600;
        using FileStream meta = File.OpenWrite(Directory.Combine("media", queue, "bytes.meta"));
        meta.Position = HostCrashed;
        meta.WriteByte(1);
    }

    private static IEnumerable<(byte[] Key, byte[] Value)> ProgressRecords(ByteMap store)
    {
        List<(byte[], byte[])> records = [];
        foreach (ByteMapEntry entry in store)
        {
            if (MediaProgressRecord.View.TryOf(entry.Value, out _))
            {
                records.Add((entry.Key.ToArray(), entry.Value.ToArray()));
            }
        }

        return records;
    }

    /// <summary>Resources with a queue of films whose storage can fail.</summary>
    private sealed class FullQueue(IPipelineResources others, string directory, IStorage storage, Durability durability = default)
        : IPipelineResources, IDisposable
    {
        private readonly EstreamQueue _full = EstreamQueue.Open(
            directory, new QueueOptions { SegmentBytes = 1 << 16, Storage = storage, IngressDurability = durability });

        public EstreamQueue Queue(string queue) => queue == "films" ? _full : others.Queue(queue);

        public ByteMap Chunks(string queue) => others.Chunks(queue);

        public StateMap<Utf8Key64, LatestEntry> Map(string map) => others.Map(map);

        public string StateDirectory(string pipeline) => others.StateDirectory(pipeline);

        public EsfSealer Sealer(EsfSchema schema) => others.Sealer(schema);

        /// <summary>Appends other messages until the segment has no room.</summary>
        public void Fill()
        {
            using QueueAppender appender = _full.CreateAppender();
            EstreamStorageException? full = null;
            while (full is null)
            {
                full = Xunit.Record.Exception(() => appender.Append(new byte[64])) as EstreamStorageException;
            }
        }

        public void Dispose() => _full.Dispose();
    }
}
