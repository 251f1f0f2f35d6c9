using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using Estream.Crypto;

namespace Estream.Microbenchmarks;

/// <summary>Signs a 64-byte message with a hedged ML-DSA-87 signature, and verifies one.</summary>
/// <remarks>Signing repeats until a candidate is accepted, so the time of one signature varies. Compare means.</remarks>
[MemoryDiagnoser]
public class MlDsa87Benchmarks
{
    private const int MessageBytes = 64;

    private readonly byte[] _message = new byte[MessageBytes];
    private readonly byte[] _signature = new byte[MlDsa87.SignatureBytes];
    private readonly byte[] _signedMessage = new byte[MessageBytes];
    private readonly byte[] _signatureToVerify = new byte[MlDsa87.SignatureBytes];
    private MlDsa87PrivateKey _key = null!;
    private long _stamp;

    [GlobalSetup]
    public void Setup()
    {
        _key = MlDsa87PrivateKey.ImportSeed(new byte[MlDsa87.SeedBytes]);
        _key.Sign(_signedMessage, default, _signatureToVerify);
    }

    [GlobalCleanup]
    public void Cleanup() => _key.Dispose();

    [Benchmark]
    public void Sign()
    {
        BinaryPrimitives.WriteInt64LittleEndian(_message, _stamp++);
        _key.Sign(_message, default, _signature);
    }

    [Benchmark]
    public bool Verify() => _key.PublicKey.Verify(_signedMessage, default, _signatureToVerify)
        ? true
        : throw new InvalidOperationException("The signature made in the setup does not verify.");
}
