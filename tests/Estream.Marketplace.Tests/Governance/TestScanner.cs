using System.Collections.Concurrent;
using System.Security.Cryptography;
using Estream.Marketplace.Governance;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>A scanner with a configurable result that records the scanned packages.</summary>
internal sealed class TestScanner(string name = "clam") : IReleaseScanner
{
    private readonly ConcurrentBag<string> _seen = [];

    public string Name => name;

    /// <summary>Scans a package; returns a description of the finding, or null.</summary>
    public Func<byte[], CancellationToken, Task<string?>> Does { get; set; } = (_, _) => Task.FromResult<string?>(null);

    public bool HasSeen(ReadOnlyMemory<byte> package) => _seen.Contains(Digest(package.Span));

    public Task<string?> ScanAsync(ReadOnlyMemory<byte> package, CancellationToken cancellation)
    {
        _seen.Add(Digest(package.Span));
        return Does(package.ToArray(), cancellation);
    }

    private static string Digest(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
