using BenchmarkDotNet.Attributes;
using Estream.Map;

namespace Estream.Microbenchmarks;

/// <summary>Gets, overwrites and compare-exchanges present entries of a file-backed map of 8-byte keys and values.</summary>
/// <remarks>Each operation takes the next key of a shuffled array, so a large map is measured with its cache misses.</remarks>
[MemoryDiagnoser]
public class MapBenchmarks
{
    private const int Seed = 1;

    private TemporaryDirectory _directory = null!;
    private StateMap<ulong, ulong> _map = null!;
    private ulong[] _keys = [];
    private ulong[] _values = [];
    private int _next;

    [Params(1 << 10, 1 << 20)]
    public int Entries { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(Seed);
        HashSet<ulong> keys = [];
        while (keys.Count < Entries)
        {
            keys.Add((ulong)random.NextInt64());
        }

        _keys = [.. keys];
        _values = new ulong[Entries];
        _directory = new TemporaryDirectory();
        _map = StateMap.Open<ulong, ulong>(_directory.Path);
        _map.PutMany(_keys, _values);
        random.Shuffle(_keys);
        _next = 0;
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _map.Dispose();
        _directory.Dispose();
    }

    [Benchmark]
    public ulong Get() => _map.TryGet(_keys[NextIndex()], out ulong value) ? value : throw Missing();

    [Benchmark]
    public void Put()
    {
        int index = NextIndex();
        _map.Put(_keys[index], ++_values[index]);
    }

    [Benchmark]
    public void CompareExchange()
    {
        int index = NextIndex();
        ulong expected = _values[index];
        if (!_map.CompareExchange(_keys[index], expected, expected + 1))
        {
            throw Missing();
        }

        _values[index] = expected + 1;
    }

    private static InvalidOperationException Missing() => new("The map does not hold the value that this benchmark stored.");

    // Entries is a power of two.
    private int NextIndex() => _next++ & (Entries - 1);
}
