using Estream.Core;

namespace Estream.Marketplace.Trust.Log;

/// <summary>Where a log lies, what it is called, and who signs it.</summary>
public sealed class TransparencyLogOptions
{
    /// <summary>The directory of its files, made where it is missing: what a web server serves as the log's prefix.</summary>
    public required string Directory { get; init; }

    /// <summary>The log's name, for good: such as <c>example.org/log</c>.</summary>
    public required string Origin { get; init; }

    /// <summary>Who signs its checkpoints: at least one key of ML-DSA-87 and, for witnesses of today, one of Ed25519; each of the origin's
    /// name.</summary>
    public required IReadOnlyList<NoteSigner> Signers { get; init; }

    /// <summary>Where the files lie; that of the machine, for everybody to read, where nothing is said.</summary>
    public IStorage Storage { get; init; } = FileStorage.Public;
}
