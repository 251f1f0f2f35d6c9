namespace Estream.Marketplace.Trust.Roles;

/// <summary>
/// The initial trust in a registry: a root, and minimum versions and time. It comes with the program or from the operator who configures
/// the registry, never from the registry itself. Immutable.
/// </summary>
public sealed class TrustAnchor
{
    private readonly byte[] _root;

    /// <summary>Creates a trust anchor.</summary>
    /// <param name="root">The envelope of a root. Its signatures are verified with its own keys.</param>
    /// <param name="leastRootVersion">The minimum root version: the newest when the program was built.</param>
    /// <param name="leastTimestampVersion">The minimum timestamp version: the newest when the program was built.</param>
    /// <param name="notBefore">The minimum time, when the program was built; an earlier clock is wrong and is not used.</param>
    /// <exception cref="ArgumentException">The root is malformed, or not signed by its own keys.</exception>
    public TrustAnchor(ReadOnlySpan<byte> root, long leastRootVersion = 1, long leastTimestampVersion = 1,
        DateTimeOffset notBefore = default)
    {
        _root = root.ToArray();
        (LeastRootVersion, LeastTimestampVersion, NotBefore) = (leastRootVersion, leastTimestampVersion, notBefore);
        if (RoleChecks.SelfSigned(_root, "the root of the trust anchor", out RootDocument? document) is { } fault)
        {
            throw new ArgumentException(
                $"The root is not a valid trust anchor: {fault.Reason}. Get the root again from the operator of the registry.",
                nameof(root));
        }

        Root = document!;
    }

    /// <summary>The root document.</summary>
    public RootDocument Root { get; }

    /// <summary>The envelope of the root.</summary>
    public ReadOnlyMemory<byte> RootEnvelope => _root;

    /// <summary>The minimum root version.</summary>
    public long LeastRootVersion { get; }

    /// <summary>The minimum timestamp version.</summary>
    public long LeastTimestampVersion { get; }

    /// <summary>The minimum time; an earlier clock is wrong and is not used.</summary>
    public DateTimeOffset NotBefore { get; }
}
