namespace Estream.Marketplace.Trust.Releases;

/// <summary>Which check a release does not pass.</summary>
public enum ReleaseFaultKind
{
    /// <summary>There is no statement.</summary>
    Missing,

    /// <summary>The statement is none: no envelope, another type, or another shape.</summary>
    Malformed,

    /// <summary>Not enough of the keys that count have signed it.</summary>
    Signature,

    /// <summary>It states something else than the package is.</summary>
    Mismatch,

    /// <summary>Not enough of those who may have approved of it.</summary>
    Approvals,

    /// <summary>The registry has no policy for its category.</summary>
    Category,
}
