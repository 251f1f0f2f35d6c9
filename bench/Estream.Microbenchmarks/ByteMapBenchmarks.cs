using BenchmarkDotNet.Attributes;
using Estream.Core;
using Estream.Map;

namespace Estream.Microbenchmarks;

/// <summary>Gets and overwrites present entries of a file-backed map of byte strings, in plaintext or encrypted.</summary>
[MemoryDiagnoser]
public class ByteMapBenchmarks
{
    private const int Entries = 100_000;
    private const int KeyBytes = 24;
    private const int Seed = 1;

    private readonly QueueKeyRing _keys = new("bench", new byte[QueueKeyRing.KeyBytes]);
    private readonly byte[] _key = new byte[KeyBytes];
    private readonly byte[] _value = new byte[64];
    private TemporaryDirectory _directory = null!;
    private ByteMap _map = null!;
    private Random _random = null!;

    [Params(false, true)]
    public bool IsEncrypted { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _random = new Random(Seed);
        _directory = new TemporaryDirectory();
        _map = ByteMap.Open(_directory.Path, new ByteMapOptions { Keys = IsEncrypted ? _keys : null });
        for (int entry = 0; entry < Entries; entry++)
        {
            _map.Put(KeyOf(entry), _value);
        }
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _map.Dispose();
        _directory.Dispose();
    }

    [Benchmark]
    public bool Get() => _map.TryGet(KeyOf(_random.Next(Entries)), _value, out _).IsOk;

    [Benchmark]
    public bool Put() => _map.Put(KeyOf(_random.Next(Entries)), _value);

    private byte[] KeyOf(int entry)
    {
        BitConverter.TryWriteBytes(_key, entry);
        return _key;
    }
}
