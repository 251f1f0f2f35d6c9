using Estream.Compatibility.Support;
using Estream.Core;
using Estream.Map;

namespace Estream.Compatibility;

/// <summary>Maps of earlier versions have their original content, for readers and for the next writer.</summary>
public sealed class MapFilesTests
{
    public static TheoryData<string> ClosedMaps => ["map-small", "map-grown"];

    public static TheoryData<string> MapsKilledInGrowth => ["map-killed-before-growth", "map-killed-after-growth"];

    [Theory]
    [MemberData(nameof(ClosedMaps))]
    public void Closed_map_is_unchanged_and_writable(string name)
    {
        using OldFiles files = OldFiles.Unpack(1, name);
        (long operations, long keys) = Reported(files);
        CheckReadOnlyThenWriting<long, long>(files, operations, keys, key => key, operation => operation * 5, hostCrashed: false);
    }

    [Fact]
    public void Map_of_texts_and_messages_is_unchanged_and_writable()
    {
        using OldFiles files = OldFiles.Unpack(1, "map-text");
        (long operations, long keys) = Reported(files);
        CheckReadOnlyThenWriting(files, operations, keys, MapScript.TextOf, MapScript.EntryOf, hostCrashed: false);
    }

    /// <summary>The writer died in the middle of a four-kilobyte value: readers see the old value, and the next writer restores
    /// it.</summary>
    [Fact]
    public void Half_written_value_is_never_visible()
    {
        using OldFiles files = OldFiles.Unpack(1, "map-killed-in-value");
        using (StateMap<long, Block> map = StateMap.OpenReadOnly<long, Block>(files.Path))
        {
            Assert.True(map.UserWord(MapScript.DoneWord) > 1_000);
            Assert.All(map, entry => Assert.True(entry.Value.IsWhole));
            CheckReadOnlyThenWriting(files, map.UserWord(MapScript.DoneWord), 30, key => key, Block.Of, hostCrashed: true);
        }
    }

    [Theory]
    [MemberData(nameof(MapsKilledInGrowth))]
    public void Interrupted_growth_loses_nothing(string name)
    {
        using OldFiles files = OldFiles.Unpack(1, name);
        Assert.Equal(2, Directory.GetFiles(files.Path, "table.*").Length);
        (long operations, long keys) = Reported(files);
        CheckReadOnlyThenWriting<long, long>(files, operations, keys, key => key, operation => operation * 5, hostCrashed: true);
        Assert.Single(Directory.GetFiles(files.Path, "table.*"));
    }

    private static (long Operations, long Keys) Reported(OldFiles files)
    {
        string[] words = files.Report[^1].Split(' ');
        return (long.Parse(words[1]), long.Parse(words[3]));
    }

    private static void CheckReadOnlyThenWriting<TKey, TValue>(
        OldFiles files, long operations, long keys, Func<long, TKey> key, Func<long, TValue> value, bool hostCrashed)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        IReadOnlyDictionary<string, byte[]> before = files.Image();
        using (StateMap<TKey, TValue> reader = StateMap.OpenReadOnly<TKey, TValue>(files.Path))
        {
            AssertIs(reader, operations, keys, key, value);
        }

        Assert.Equal(before.OrderBy(f => f.Key), files.Image().OrderBy(f => f.Key));
        using StateMap<TKey, TValue> map = StateMap.Open<TKey, TValue>(files.Path);
        AssertIs(map, operations, keys, key, value);

        // The boot id in the files belongs to no machine, so a dead writer counts as a machine crash.
        Assert.Equal(hostCrashed, map.HostCrashed);
        for (long operation = operations + 1; operation <= operations + 500; operation++)
        {
            MapScript.Apply(map, operation, keys, key, value);
        }

        AssertIs(map, operations + 500, keys, key, value);
    }

    private static void AssertIs<TKey, TValue>(StateMap<TKey, TValue> map, long operations, long keys, Func<long, TKey> key,
        Func<long, TValue> value)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        Dictionary<long, long> model = MapScript.After(operations, keys);
        Assert.Equal(operations, map.UserWord(MapScript.DoneWord));
        Assert.Equal(model.Count, map.Count);
        for (long number = 0; number < keys; number++)
        {
            bool isThere = map.TryGet(key(number), out TValue found);
            Assert.Equal(model.TryGetValue(number, out long operation), isThere);
            TValue expected = isThere ? value(operation) : default;
            Assert.True(RawValue.AreEqual(in expected, in found), $"key {number}");
        }

        int enumerated = 0;
        foreach (KeyValuePair<TKey, TValue> _ in map)
        {
            enumerated++;
        }

        Assert.Equal(model.Count, enumerated);
    }
}
