using Estream.Core;
using Estream.Map.Internal;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>A versioned map with times to live compared with a dictionary, with enough keys to migrate through tables of many stripes,
/// growing and shrinking. Meanwhile entries expire, the clock is set, and the process dies in the middle of resizes.</summary>
public sealed class VersionedMovingTests : IDisposable
{
    private const int Keys = 40_000;

    // A table of 4096 buckets is four stripes of 1024; with more entries the table is larger.
    private const long FourStripes = 4096 * 3 / 2;

    private readonly TempDirectory _directory = new();
    private readonly ManualClock _clock = new();
    private readonly Dictionary<long, VersionedEntry<long, long>> _model = [];
    private readonly long[] _highest = new long[Keys];
    private VersionedMap<long, long> _map;
    private MemoryRegion _meta;
    private int _places;

    public VersionedMovingTests()
    {
        (_map, _meta) = Open();
    }

    private string Place => _directory.Combine($"{_places}");

    // A resize ends within some ten writes, so the test checks after each write whether one is in progress.
    private bool IsMigrating => MapState.IsMigrating(_meta.All.ReadInt64(MetaLayout.State), MapFormat.Version);

    public void Dispose()
    {
        Close();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_versioned_map_matches_a_dictionary_through_growth_expiry_and_crashes_during_resizes(int seed)
    {
        Random random = new(seed);
        int deaths = 0;
        int deathsInLargeTables = 0;
        bool isToDie = false;
        int operations = LongRun.Count(400_000, 4_000_000);
        // A busy machine sees fewer resizes in progress, so the test continues until it has met enough of them.
        for (int operation = 0; operation < operations || (deathsInLargeTables <= 3 && operation < 10 * operations); operation++)
        {
            // In waves, the test mostly adds, then removes nearly all keys, so that the map migrates through every size again.
            bool isRising = operation / Keys % 2 == 0;
            Change(random, isRising ? random.Next(Keys) : operation % Keys, operation, isRising);
            LetTimePass(random);
            AssertIs(random.Next(Keys));
            isToDie |= random.Next(3_000) == 0;
            if (isToDie && IsMigrating && random.Next(3) == 0)
            {
                deathsInLargeTables += _map.Count > FourStripes ? 1 : 0;
                deaths++;
                isToDie = false;
                Die();
                AssertIsAll();
            }
        }

        AssertIsAll();
        Assert.True(deathsInLargeTables > 3,
            $"it is to die in the middle of moves: {deaths} deaths, {deathsInLargeTables} of them with more than four stripes");
        _map.RemoveExpired();
        Assert.Equal(_model.Values.Count(IsShown), _map.Count);
    }

    private (VersionedMap<long, long> Map, MemoryRegion Meta) Open()
    {
        VersionedMap<long, long> map = VersionedMap.Open<long, long>(Place, new MapOptions { InitialCapacity = 0, Clock = _clock });
        return (map, FileStorage.Instance.OpenRegion(Path.Combine(Place, MapFormat.MetaFile), RegionAccess.ReadOnly));
    }

    private void Close()
    {
        _meta.Dispose();
        _map.Dispose();
    }

    private void Change(Random random, long key, long value, bool isRising)
    {
        bool isThere = Known(key, out VersionedEntry<long, long> known);
        switch (random.Next(isRising ? 20 : 400))
        {
            case < 8 when isRising:
                Stored(key, value, _map.Put(key, value), 0);
                break;
            case < 14 when isRising:
                TimeSpan time = SomeTime(random);
                Stored(key, value, _map.Put(key, value, time), EndOf(time));
                break;
            case 14:
                Assert.True(_map.CompareExchange(key, known.Version, value, out long version));
                Stored(key, value, version, 0);
                break;
            case 15:
                Assert.False(_map.CompareExchange(key, _highest[key] + 1, value, out long now));
                Assert.Equal(known.Version, now);
                break;
            case 16:
                TimeSpan longer = SomeTime(random);
                Assert.Equal(isThere, _map.Touch(key, longer));
                if (isThere)
                {
                    _model[key] = known with { ExpiresAt = EndOf(longer) };
                }

                break;
            default:
                Assert.Equal(isThere, _map.Remove(key));
                _model.Remove(key);
                break;
        }
    }

    // Advances the clock by a millisecond per operation; sometimes sets the clock or requests a sweep.
    private void LetTimePass(Random random)
    {
        _clock.Pass(TimeSpan.FromMilliseconds(1));
        switch (random.Next(40_000))
        {
            case 0:
                _clock.Pass(TimeSpan.FromSeconds(20));
                break;
            case 1:
                SetBack(TimeSpan.FromSeconds(10));
                break;
            case 2:
                _map.RemoveExpired();
                break;
        }
    }

    // An expired entry may be returned again after the clock was set back, unless a write or a sweep has removed it since. The map is
    // checked when the entry would be returned. An entry that is still expired may be returned when the clock is set back further.
    private void SetBack(TimeSpan time)
    {
        long before = _clock.UtcNanos;
        _clock.Pass(-time);
        foreach (VersionedEntry<long, long> ended in _model.Values.Where(entry => entry.ExpiresAt != 0 && entry.ExpiresAt <= before)
            .ToList())
        {
            if (IsShown(ended) && !_map.ContainsKey(ended.Key))
            {
                _model.Remove(ended.Key);
            }
        }
    }

    private void Die()
    {
        string source = Place;
        _places++;
        KilledCopy.Make(source, Place);
        Close();
        Directory.Delete(source, recursive: true);
        (_map, _meta) = Open();
    }

    private void Stored(long key, long value, long version, long expiresAt)
    {
        Assert.True(version > _highest[key], $"key {key} had version {_highest[key]} and got {version}");
        _highest[key] = version;
        _model[key] = new VersionedEntry<long, long>(key, value, version, expiresAt);
    }

    private void AssertIs(long key)
    {
        Assert.Equal(Known(key, out VersionedEntry<long, long> known), _map.TryGetEntry(key, out VersionedEntry<long, long> found));
        Assert.Equal(known, found);
    }

    private void AssertIsAll()
    {
        Dictionary<long, VersionedEntry<long, long>> found = _map.ToDictionary(entry => entry.Key);
        List<VersionedEntry<long, long>> shown = [.. _model.Values.Where(IsShown)];
        Assert.Equal(shown.Count, found.Count);
        Assert.All(shown, entry => Assert.Equal(entry, found[entry.Key]));
        Assert.True(_map.Count >= shown.Count);
    }

    private bool Known(long key, out VersionedEntry<long, long> entry)
    {
        bool isThere = _model.TryGetValue(key, out entry) && IsShown(entry);
        entry = isThere ? entry : default;
        return isThere;
    }

    private bool IsShown(VersionedEntry<long, long> entry) => entry.ExpiresAt == 0 || entry.ExpiresAt > _clock.UtcNanos;

    private long EndOf(TimeSpan time) => _clock.UtcNanos + (time.Ticks * TimeSpan.NanosecondsPerTick);

    private static TimeSpan SomeTime(Random random) => TimeSpan.FromMilliseconds(random.Next(1, 60_000));
}
