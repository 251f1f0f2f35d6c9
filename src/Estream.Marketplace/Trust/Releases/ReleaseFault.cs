namespace Estream.Marketplace.Trust.Releases;

/// <summary>Why a release is not believed.</summary>
/// <param name="Kind">Which check failed.</param>
/// <param name="Member">The member of the statement it is about, such as <c>root256</c>; null where it is about the whole.</param>
/// <param name="Reason">What is wrong, and what to do, for people.</param>
public sealed record ReleaseFault(ReleaseFaultKind Kind, string? Member, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => Member is null ? Reason : $"{Member}: {Reason}";
}
