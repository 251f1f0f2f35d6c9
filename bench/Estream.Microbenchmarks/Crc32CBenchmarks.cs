using BenchmarkDotNet.Attributes;
using Estream.Core;

namespace Estream.Microbenchmarks;

/// <summary>Computes the CRC-32C of a buffer in memory.</summary>
[MemoryDiagnoser]
public class Crc32CBenchmarks
{
    private const int Seed = 1;

    private byte[] _data = [];

    [Params(64, 1024, 65_536)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _data = new byte[Bytes];
        new Random(Seed).NextBytes(_data);
    }

    [Benchmark]
    public uint Compute() => Crc32C.Compute(_data);
}
