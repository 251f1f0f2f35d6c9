namespace Estream.Marketplace.Trust.Roles;

/// <summary>
/// What a program knows of a registry before it has seen it: a root, and how new everything is at least. It comes with the program, or from
/// the operator who names the registry, and never from the registry. Immutable.
/// </summary>
public sealed class TrustAnchor
{
    private readonly byte[] _root;

    /// <summary>A beginning of trust.</summary>
    /// <param name="root">The envelope of a root. Its signatures are checked with its own keys.</param>
    /// <param name="leastRootVersion">No older root counts: the newest one when the program was made.</param>
    /// <param name="leastTimestampVersion">No older timestamp counts, likewise.</param>
    /// <param name="notBefore">A clock that says less is wrong: when the program was made.</param>
    /// <exception cref="ArgumentException">It is no root, or its own keys have not signed it.</exception>
    public TrustAnchor(ReadOnlySpan<byte> root, long leastRootVersion = 1, long leastTimestampVersion = 1,
        DateTimeOffset notBefore = default)
    {
        _root = root.ToArray();
        (LeastRootVersion, LeastTimestampVersion, NotBefore) = (leastRootVersion, leastTimestampVersion, notBefore);
        if (RoleChecks.SelfSigned(_root, "the root a program begins with", out RootDocument? document) is { } fault)
        {
            throw new ArgumentException($"This is no root to begin with: {fault.Reason}. Get it anew from who keeps the registry.",
                nameof(root));
        }

        Root = document!;
    }

    /// <summary>The root.</summary>
    public RootDocument Root { get; }

    /// <summary>The envelope of the root.</summary>
    public ReadOnlyMemory<byte> RootEnvelope => _root;

    /// <summary>No older root counts.</summary>
    public long LeastRootVersion { get; }

    /// <summary>No older timestamp counts.</summary>
    public long LeastTimestampVersion { get; }

    /// <summary>A clock that says less is wrong.</summary>
    public DateTimeOffset NotBefore { get; }
}
