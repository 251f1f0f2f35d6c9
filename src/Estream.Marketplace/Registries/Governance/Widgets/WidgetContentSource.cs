using Estream.Circuits;

namespace Estream.Marketplace.Governance;

/// <summary>What a source has of a hash.</summary>
public enum WidgetContentStatus
{
    /// <summary>Nothing.</summary>
    Missing,

    /// <summary>It is there.</summary>
    Found,

    /// <summary>It is longer than was asked for, and was not read.</summary>
    TooLong,
}

/// <summary>
/// Finds manifests and bundles by their hashes: a store of packages, or a folder (<see cref="WidgetContentFolder"/>). It is believed
/// nothing: what it gives is hashed again. The decision about a request is made with what is there then; what is missing is a reason to
/// reject it, so put both there first.
/// </summary>
/// <param name="sha3">The SHA3-256 of what is wanted.</param>
/// <param name="limit">How long it may be at most, in bytes.</param>
/// <param name="content">What was found; it must not change until the circuit has gone on.</param>
/// <remarks>Called on the thread of the circuit. What is wrong with the world for a while is an <see cref="Core.EstreamException"/>: the
/// request is taken again. Any other exception rejects the request into the dead letters.</remarks>
public delegate WidgetContentStatus WidgetContentSource(ReadOnlySpan<byte> sha3, int limit, out ReadOnlyMemory<byte> content);
