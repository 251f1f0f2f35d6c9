using System.Text;
using Estream.Core;
using Estream.Map;
using Estream.Queue;
using Estream.Replication.Internal;
using Estream.Testing;

namespace Estream.Replication.Tests.Maps;

/// <summary>Replicas that follow a map through any number of feeds, with stops at any message.</summary>
public sealed class MapFolderTests
{
    private const int Keys = 40;
    private const int Steps = 200;

    [Fact]
    public void A_replica_equals_its_source_for_any_changes_feeds_and_stops()
    {
        int count = LongRun.Count(6, 2_000);
        for (int seed = 0; seed < count; seed++)
        {
            try
            {
                Run(new Random(seed));
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"Seed {seed} fails.", failure);
            }
        }
    }

    private static void Run(Random random)
    {
        using TempDirectory folder = new();
        Source source = new(folder, random);
        using VersionedByteMap replica = VersionedByteMap.CreateInMemory();
        MapFolder folds = new(replica);
        Dictionary<string, long> versions = [];
        MapPointer followed = default;
        for (int step = 0; step < Steps; step++)
        {
            switch (random.Next(20))
            {
                case 0:
                    source.Replace();
                    break;
                case 1:
                    // The process of the replica ends, perhaps after it has applied a message and before it stores its position.
                    long position = replica.UserWord(MapWords.Position);
                    if (folds.Fold(1) > 0 && random.Next(2) == 0)
                    {
                        replica.SetUserWord(MapWords.Position, position);
                    }

                    folds.Dispose();
                    folds = new MapFolder(replica);
                    followed = default;
                    break;
                case 2:
                    followed = Switch(folds, source, followed);
                    break;
                case < 8:
                    _ = folds.Fold(random.Next(1, 50));
                    RequireForward(replica, versions);
                    break;
                default:
                    source.Change();
                    break;
            }
        }

        _ = Switch(folds, source, followed);
        while (folds.Fold(100) > 0)
        {
        }

        Assert.Equal(MapSites.Read(source.Map), MapSites.Read(replica));
        Assert.Equal(1, replica.UserWord(MapWords.IsComplete));
        folds.Dispose();
        source.Dispose();
    }

    private static MapPointer Switch(MapFolder folds, Source source, MapPointer followed)
    {
        if (followed != source.Pointer)
        {
            folds.Open(source.Pointer, source.Directory);
        }

        return source.Pointer;
    }

    private static void RequireForward(VersionedByteMap replica, Dictionary<string, long> versions)
    {
        foreach (VersionedByteMapEntry entry in replica)
        {
            string key = Encoding.UTF8.GetString(entry.Key);
            Assert.True(entry.Version >= versions.GetValueOrDefault(key), $"'{key}' went back to version {entry.Version}.");
            versions[key] = entry.Version;
        }
    }

    private sealed class Source : IChangeSink, IDisposable
    {
        private readonly TempDirectory _folder;
        private readonly Random _random;
        private EstreamQueue _feed;
        private QueueChangeSink _sink;
        private long _number;

        public Source(TempDirectory folder, Random random)
        {
            (_folder, _random) = (folder, random);
            Map = VersionedByteMap.CreateInMemory(new ByteMapOptions { Changes = this });
            (_feed, _sink) = Open();
            Begin();
        }

        public VersionedByteMap Map { get; }

        public MapPointer Pointer { get; private set; }

        public string Directory => _folder.Combine($"feed{_number}");

        public void Append(in MapChange change) => _sink.Append(in change);

        public void Change()
        {
            byte[] key = Encoding.UTF8.GetBytes($"k{_random.Next(Keys)}");
            switch (_random.Next(10))
            {
                case 0:
                    _ = Map.Touch(key, TimeSpan.FromHours(_random.Next(1, 100)));
                    break;
                case < 4:
                    _ = Map.Remove(key);
                    break;
                case 4 when _random.Next(10) == 0:
                    Map.Clear();
                    break;
                default:
                    _ = Map.Put(key, Encoding.UTF8.GetBytes($"{_random.Next(1000)}"));
                    break;
            }
        }

        public void Replace()
        {
            Close();
            _number++;
            (_feed, _sink) = Open();
            Begin();
        }

        public void Dispose()
        {
            Map.Dispose();
            Close();
        }

        private (EstreamQueue Feed, QueueChangeSink Sink) Open()
        {
            EstreamQueue feed = EstreamQueue.Open(Directory, new QueueOptions { SegmentBytes = 64 << 10 });
            return (feed, new QueueChangeSink(feed));
        }

        private void Begin()
        {
            using (VersionedByteMapSnapshot snapshot = Map.CreateSnapshot())
            {
                foreach (VersionedByteMapEntry entry in snapshot)
                {
                    _sink.Append(new MapChange(MapChangeKind.Put, entry.Key, entry.Value, entry.Version, entry.ExpiresAt));
                }
            }

            using QueueAppender appender = _feed.CreateAppender();
            Pointer = new MapPointer(_number + 1, appender.Append([]) + 1, "source");
        }

        private void Close()
        {
            _sink.Dispose();
            _feed.Dispose();
        }
    }
}
